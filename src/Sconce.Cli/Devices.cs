using System.CommandLine;
using Sconce.Torch;

namespace Sconce.Cli;

/// <summary>Devices as they are typed and told.</summary>
internal static class Devices
{
    /// <summary>The option of every command that runs a network.</summary>
    public static Option<string?> Option() => new("--device")
    {
        Description = "Where the network runs: cpu, cuda, cuda:1 (the best there is)",
        HelpName = "NAME",
    };

    /// <summary>The device of a name.</summary>
    /// <exception cref="UsageException">There is none.</exception>
    public static Device Of(string name)
    {
        Device device;
        try
        {
            device = Device.Parse(name);
        }
        catch (Exception fault) when (fault is ArgumentException or FormatException)
        {
            throw new UsageException($"--device takes cpu, cuda or cuda:1, not '{name}'", fault);
        }

        if (device.Type == DeviceType.Cuda && device.Index >= Math.Max(1, TorchRuntime.CudaDevices)
            || (device.Type == DeviceType.Cuda && TorchRuntime.CudaDevices == 0))
        {
            throw new UsageException($"--device {name}: this libtorch sees {TorchRuntime.CudaDevices} CUDA devices");
        }

        return device;
    }

    /// <summary>The device in words: <c>cpu (2 threads)</c>.</summary>
    public static string Described(Device device) =>
        device.Type == DeviceType.Cpu ? $"cpu ({TorchRuntime.Threads} threads)" : device.ToString()!;
}
