// Counts what a process asks of the CUDA driver, and tells it when the process ends. Loaded by the driver itself through CUDA_INJECTION64_PATH.
// Build: cc -shared -fPIC -O2 -I CUDA/include -I CUDA/extras/CUPTI/include calls.c -o calls.so -L FOLDER -l:libcupti.so.VERSION
#include <cupti.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static long launches, copies, waits, allocations;

static void CUPTIAPI count(void *user, CUpti_CallbackDomain domain, CUpti_CallbackId id, const void *data) {
    const CUpti_CallbackData *call = data;
    if (call->callbackSite != CUPTI_API_ENTER) return;
    const char *name = call->functionName;
    long *counter = !strncmp(name, "cuLaunchKernel", 14) ? &launches
        : !strncmp(name, "cuMemcpy", 8) || !strncmp(name, "cuMemset", 8) ? &copies
        : strstr(name, "Synchronize") ? &waits
        : !strncmp(name, "cuMemAlloc", 10) ? &allocations : NULL;
    if (counter) __atomic_fetch_add(counter, 1, __ATOMIC_RELAXED);
}

static void tell(void) {
    printf("calls\tlaunches %ld\tcopies %ld\twaits %ld\tallocations %ld\n", launches, copies, waits, allocations);
    fflush(stdout);
}

int InitializeInjection(void) {
    CUpti_SubscriberHandle subscriber;
    if (cuptiSubscribe(&subscriber, (CUpti_CallbackFunc)count, NULL) != CUPTI_SUCCESS) return 0;
    cuptiEnableDomain(1, subscriber, CUPTI_CB_DOMAIN_DRIVER_API);
    atexit(tell);
    return 1;
}
