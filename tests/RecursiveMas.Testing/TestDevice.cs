using TorchSharp;
using static TorchSharp.torch;

namespace RecursiveMas.Testing;

/// <summary>Where tests of numerics compute: on the CPU, or on the device that RECURSIVEMAS_DEVICE names, "cuda" say.</summary>
public static class TestDevice
{
    public const string Variable = "RECURSIVEMAS_DEVICE";

    static TestDevice()
    {
        RecursiveMasRuntime.Initialize();
        Name = Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } named ? named : "cpu";
        Device = Name == "cpu" ? torch.CPU : device(Name.Contains(':', StringComparison.Ordinal) ? Name : $"{Name}:0");
    }

    /// <summary>Its name, as options take it.</summary>
    public static string Name { get; }

    public static Device Device { get; }

    /// <summary>The tensor on the device: itself if it is there.</summary>
    public static Tensor OnTestDevice(this Tensor tensor) => Device.type == DeviceType.CPU ? tensor : tensor.to(Device);
}
