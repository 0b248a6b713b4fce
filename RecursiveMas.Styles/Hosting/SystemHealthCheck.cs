using Microsoft.Extensions.Diagnostics.HealthChecks;
using RecursiveMas.Loading;
using TorchSharp;
using static TorchSharp.torch;

namespace RecursiveMas.Hosting;

/// <summary>Healthy once a system is loaded and its devices compute; otherwise says how far it is, or why it failed.</summary>
internal sealed class SystemHealthCheck(MasSystemSource source) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        MasSystemState state = source.State;
        var data = new Dictionary<string, object>(StringComparer.Ordinal) { ["system"] = source.Name, ["state"] = state.ToString() };
        if (source.TryGet(out MasSystem? system))
            return await ReachAsync(system, data, context.Registration.FailureStatus, cancellationToken).ConfigureAwait(false);
        // Who sends no questions to what is not ready would never have it loaded.
        if (state == MasSystemState.NotLoaded)
            return HealthCheckResult.Degraded($"'{source.Name}' is loaded when it is first asked for.", data: data);
        return new HealthCheckResult(context.Registration.FailureStatus, Describe(state, data), source.Error, data);
    }

    private string Describe(MasSystemState state, Dictionary<string, object> data)
    {
        if (state == MasSystemState.Failed)
            return $"'{source.Name}' could not be loaded: {source.Error?.Message}";
        if (state != MasSystemState.Loading)
            return $"'{source.Name}' has been released.";
        if (source.Progress is not { } progress)
            return $"'{source.Name}' is being loaded.";
        (data["done"], data["total"]) = (progress.Done, progress.Total);
        return progress.Download is { } download
            ? $"'{source.Name}' is being downloaded: {download}."
            : $"'{source.Name}' is being loaded: {progress.Done} of {progress.Total} parts.";
    }

    private async Task<HealthCheckResult> ReachAsync(
        MasSystem system, Dictionary<string, object> data, HealthStatus failure, CancellationToken cancellationToken)
    {
        Device[] devices = [.. system.Agents.Values.OfType<LatentAgent>().Select(agent => agent.Model.Device).DistinctBy(DeviceNames.NameOf)];
        data["devices"] = string.Join(", ", devices.Select(DeviceNames.NameOf));
        foreach (Device device in devices.Where(device => device.type != DeviceType.CPU))
        {
            try
            {
                await Task.Run(() => Compute(device), cancellationToken).WaitAsync(cancellationToken).ConfigureAwait(false);
            }
            catch (Exception error) when (error is not OperationCanceledException)
            {
                return new HealthCheckResult(
                    failure, $"'{source.Name}': the device {DeviceNames.NameOf(device)} does not compute: {error.Message}", error, data);
            }
        }

        return HealthCheckResult.Healthy($"'{source.Name}' is ready.", data);
    }

    private static void Compute(Device device)
    {
        using Tensor ones = torch.ones([1], device: device);
        if (ones.item<float>() != 1)
            throw new InvalidOperationException("It returned a wrong number.");
    }
}
