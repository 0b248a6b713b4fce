using System.Globalization;
using TorchSharp;
using static TorchSharp.torch;

namespace RecursiveMas.Loading;

/// <summary>Turns the names of devices that people write into devices that exist.</summary>
internal static class DeviceNames
{
    /// <summary>The one name of a device: "cpu", "cuda:0", "mps:0".</summary>
    public static string NameOf(Device device) =>
        device.type == DeviceType.CPU ? "cpu" : $"{device.type.ToString().ToLowerInvariant()}:{Math.Max(device.index, 0)}";

    /// <summary>What is written for "a GPU if there is one".</summary>
    public const string Auto = "auto";

    /// <exception cref="InvalidOptionException">The name is unknown or this machine has no such device.</exception>
    public static Device Parse(string? name, string option = nameof(MasOptions.Device))
    {
        if (name == Auto)
            return cuda.is_available() ? new Device(DeviceType.CUDA, 0) : torch.CPU;
        string[] parts = (name ?? "").Split(':');
        int index = 0;
        bool known = parts.Length <= 2 && parts[0] is "cpu" or "cuda" or "mps"
            && (parts.Length == 1 || int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out index));
        if (!known)
            throw new InvalidOptionException(option, $"{(name is null ? "null" : $"'{name}'")} is not a device. Possible: auto, cpu, cuda, cuda:N, mps.");
        if (index > 0 && parts[0] != "cuda")
            throw new InvalidOptionException(option, $"'{name}' is not a device, because there is only one {parts[0]} device. Write '{parts[0]}'.");
        switch (parts[0])
        {
            case "cpu":
                return torch.CPU;
            case "cuda":
                if (!cuda.is_available())
                    throw new InvalidOptionException(option, $"'{name}' was asked for, but libtorch finds no CUDA device. " +
                        "Use the package TorchSharp-cuda-linux or TorchSharp-cuda-windows, or the device cpu.");
                if (index >= cuda.device_count())
                    throw new InvalidOptionException(option, $"'{name}' was asked for, but there are {cuda.device_count()} CUDA devices (from cuda:0).");
                return new Device(DeviceType.CUDA, index);
            default:
                if (!mps_is_available())
                    throw new InvalidOptionException(option, $"'{name}' was asked for, but this machine has no such device. Use cpu.");
                return new Device(DeviceType.MPS, index);
        }
    }
}
