using Microsoft.Extensions.Logging;
using Sconce.Server;

namespace Sconce.Bench.Serving;

/// <summary>A side in a process of its own: it prints its address and serves until its input ends.</summary>
internal static class ServedSides
{
    internal static Measured Run(string side, string kind, string network, string folder)
    {
        if (side == "sconce") Sconce(network, folder).GetAwaiter().GetResult();
        else HandWritten.Run(kind, network, folder).GetAwaiter().GetResult();
        return new Measured { Seconds = 1e-9 };
    }

    /// <summary>As <c>sconce serve NETWORK=FILE --port 0</c> does it.</summary>
    private static async Task Sconce(string network, string folder)
    {
        var served = Served.Of(Systems.Catalogue.Systems, $"{network}={ServingFiles.Weights(network, folder)}");
        var settings = new ServerSettings { Port = 0, State = Path.Combine(folder, "state") };
        await using var server = SconceServer.Open([served], settings, logging => logging.SetMinimumLevel(LogLevel.Warning));
        await server.StartAsync();
        await Told(server.Address);
        await server.StopAsync();
    }

    /// <summary>Says where it listens, and waits until nobody needs it.</summary>
    internal static async Task Told(Uri address)
    {
        Console.WriteLine(address);
        await Console.In.ReadToEndAsync();
    }
}
