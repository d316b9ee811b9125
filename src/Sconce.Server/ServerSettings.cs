namespace Sconce.Server;

/// <summary>Where a server listens, and how much it takes on.</summary>
[Settings]
public sealed partial record ServerSettings : ISettingsRule
{
    /// <summary>The port; 0 for any that is free.</summary>
    [Within(0, 65535)]
    public int Port { get; init; } = 8080;

    /// <summary>The address that is listened at; of another than this machine's own, a key is asked.</summary>
    public string Listen { get; init; } = "127.0.0.1";

    /// <summary>What a client has to send: as a bearer token, or in X-API-Key.</summary>
    public string? Key { get; init; }

    /// <summary>Whether anybody who reaches the address may ask, without a key.</summary>
    public bool Open { get; init; }

    /// <summary>Questions that may wait for one session; one more is refused (429).</summary>
    [Within(1, 100_000)]
    public int Queue { get; init; } = 64;

    /// <summary>Inputs that are asked about together at most; none for as many as the session likes best.</summary>
    [Within(1, 1024)]
    public int? Batch { get; init; }

    /// <summary>Milliseconds that a batch waits for questions that are on their way; a lone one never waits.</summary>
    [Within(0, 10_000)]
    public double Wait { get; init; } = 5;

    /// <summary>Seconds within which a question has its answer, or is given up.</summary>
    [Within(0.01, 86_400)]
    public double Deadline { get; init; } = 60;

    /// <summary>Mebibytes that a request's body may have.</summary>
    [Within(0.001, 16_384)]
    public double Body { get; init; } = 64;

    /// <summary>Millions of pixels that a picture, or a clip's frame, may have.</summary>
    [Within(0.001, 2_000)]
    public double Pixels { get; init; } = 50;

    /// <summary>Seconds that a clip may last.</summary>
    [Within(0.1, 864_000)]
    public double Seconds { get; init; } = 600;

    /// <summary>Whether networks are compiled: they open later and answer faster.</summary>
    public bool Compile { get; init; } = true;

    /// <summary>Answers whose best confidence is below it are kept for a person to look at; none keeps nothing.</summary>
    [Within(0, 1)]
    public double? Review { get; init; }

    /// <summary>The folder of what the server remembers (the review queue, references of drift).</summary>
    public string State { get; init; } = "serving";

    /// <inheritdoc/>
    public (string Setting, string Fault)? Misfit => this switch
    {
        _ when !TryAddress(Listen, out _) => ("listen", $"is an IP address, '*' or 'localhost', not '{Listen}'"),
        { Key: { Length: < 8 } } => ("key", "has at least 8 characters"),
        _ when !IsLoopback && Key is null && !Open =>
            ("listen", $"is {Listen}, which others reach: set a key, or say that it is open to them"),
        _ => null,
    };

    /// <summary>Whether only this machine reaches the address.</summary>
    public bool IsLoopback => TryAddress(Listen, out var address) && System.Net.IPAddress.IsLoopback(address);

    /// <summary>The address as Kestrel takes it.</summary>
    internal System.Net.IPAddress Address => TryAddress(Listen, out var address)
        ? address : throw new InvalidOperationException("the settings were not verified");

    private static bool TryAddress(string listen, out System.Net.IPAddress address)
    {
        address = listen switch
        {
            "localhost" => System.Net.IPAddress.Loopback,
            "*" => System.Net.IPAddress.IPv6Any,
            _ => System.Net.IPAddress.None,
        };
        return listen is "localhost" or "*"
            || (System.Net.IPAddress.TryParse(listen, out address!) && !address.Equals(System.Net.IPAddress.None));
    }
}
