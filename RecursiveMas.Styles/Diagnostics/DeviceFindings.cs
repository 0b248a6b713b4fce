using System.Globalization;
using RecursiveMas.Loading;
using TorchSharp;
using static TorchSharp.torch;

namespace RecursiveMas.Diagnostics;

/// <summary>The devices, each with a product in every element type.</summary>
internal static class DeviceFindings
{
    private const int Extent = 64;

    private static readonly ScalarType[] s_types = [ScalarType.Float32, ScalarType.BFloat16, ScalarType.Float16];

    public static IEnumerable<DoctorFinding> All(MasOptions options)
    {
        yield return Examine(CPU, string.Create(CultureInfo.InvariantCulture, $"{get_num_threads()} threads"));
        int gpus = cuda.is_available() ? cuda.device_count() : 0;
        for (int i = 0; i < gpus; i++)
            yield return Examine(new Device(DeviceType.CUDA, i), "");
        if (mps_is_available())
            yield return Examine(new Device(DeviceType.MPS, 0), "");
        if (gpus == 0 && HasNvidiaDriver())
        {
            yield return new DoctorFinding(
                "GPU",
                FindingLevel.Note,
                "the system has a driver of NVIDIA, but libtorch finds no CUDA device",
                "Use the package TorchSharp-cuda-linux or TorchSharp-cuda-windows in place of TorchSharp-cpu; it must have the version of TorchSharp.");
        }

        yield return Wanted(options);
    }

    private static DoctorFinding Wanted(MasOptions options)
    {
        try
        {
            Device device = DeviceNames.Parse(options.Device);
            return new DoctorFinding("chosen device", FindingLevel.Good, $"'{options.Device}' is {DeviceNames.NameOf(device)}");
        }
        catch (InvalidOptionException error)
        {
            return new DoctorFinding("chosen device", FindingLevel.Problem, error.Message, "Choose one of the devices above, or 'auto'.");
        }
    }

    private static DoctorFinding Examine(Device device, string about)
    {
        string[] faults = [.. s_types.Select(type => (Type: type, Fault: Fault(device, type))).Where(tried => tried.Fault is not null)
            .Select(tried => $"{tried.Type}: {tried.Fault}")];
        string name = DeviceNames.NameOf(device);
        string works = string.Join(", ", s_types.Where(type => !faults.Any(fault => fault.StartsWith($"{type}:", StringComparison.Ordinal))));
        string found = $"computes in {works}{(about.Length > 0 ? $", {about}" : "")}";
        return faults.Length == 0
            ? new DoctorFinding(name, FindingLevel.Good, found)
            : new DoctorFinding(
                name, works.Length > 0 ? FindingLevel.Note : FindingLevel.Problem, works.Length > 0 ? found : "computes nothing", string.Join("; ", faults));
    }

    /// <summary>Multiplies what is exact in every element type; null if the product is right.</summary>
    private static string? Fault(Device device, ScalarType type)
    {
        try
        {
            using var mode = inference_mode(true);
            using var scope = NewDisposeScope();
            Tensor ones = torch.ones([Extent, Extent], type, device), product = ones.matmul(ones);
            return product.eq(ones.sum(1, keepdim: true)).all().item<bool>() ? null : "a product came out wrong";
        }
        catch (Exception error) when (error is System.Runtime.InteropServices.ExternalException or NotSupportedException or ArgumentException)
        {
            return error.Message.Split('\n')[0];
        }
    }

    private static bool HasNvidiaDriver() => OperatingSystem.IsWindows()
        ? File.Exists(Path.Combine(Environment.SystemDirectory, "nvcuda.dll"))
        : File.Exists("/proc/driver/nvidia/version");
}
