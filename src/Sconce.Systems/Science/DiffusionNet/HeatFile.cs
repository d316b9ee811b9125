using System.Text.Json;
using System.Text.Json.Serialization;
using Sconce.Abilities;
using Sconce.Data;
using Sconce.Files;

namespace Sconce.Systems.Science.DiffusionNet;

/// <summary>
/// A problem as a file: JSON with the walls' temperatures (<c>bottom</c>, <c>right</c>, <c>top</c>, <c>left</c>) and the plate's
/// (<c>initial</c>) in kelvin, <c>lambda</c> or <c>alpha</c> in m²/s with <c>dt</c> in seconds and <c>dx</c> in metres, and <c>size</c>,
/// the side of the grid, where no run says it.
/// </summary>
public sealed class HeatFile : IInput<HeatFile>
{
    private HeatFile(string path) => Path = path;

    /// <inheritdoc/>
    public static InputKind Kind => InputKind.Series;

    /// <summary>Its file.</summary>
    public string Path { get; }

    /// <inheritdoc/>
    public string Name => Path;

    /// <inheritdoc/>
    public static HeatFile Of(string given) => new(given);

    /// <inheritdoc/>
    public void Prepare() => _ = Read();

    /// <summary>The problem, and the grid's side where the file says one.</summary>
    /// <exception cref="DataException">It is no such file; the message names what is missing or wrong.</exception>
    public (HeatProblem Problem, int? Size) Read()
    {
        HeatContent content;
        try
        {
            content = JsonSerializer.Deserialize(RegularFile.ReadAllText(Path), HeatJson.Default.HeatContent)
                ?? throw new JsonException("it is empty");
        }
        catch (Exception fault) when (fault is JsonException or IOException)
        {
            throw new DataException(Path, $"it is no problem of heat: {fault.Message}");
        }

        double Given(double? value, string name) => value is { } number && double.IsFinite(number)
            ? number
            : throw new DataException(Path, $"'{name}' is missing, or no number: initial, bottom, right, top and left are kelvin");
        double diffusion = content switch
        {
            { Lambda: { } lambda } => lambda,
            { Alpha: { } alpha, Dt: { } dt, Dx: { } dx } => alpha * dt / (dx * dx),
            _ => throw new DataException(Path, "how far heat goes in a step is missing: 'lambda', or 'alpha', 'dt' and 'dx'"),
        };
        if (!(diffusion > 0 && double.IsFinite(diffusion))) throw new DataException(Path, $"lambda is {diffusion}: it is more than 0");
        if (content.Size is { } size && size is < 3 or > 4096)
            throw new DataException(Path, $"'size' is {content.Size}: a grid has 3 to 4096 places a side");
        return (
            new HeatProblem(
                diffusion, Given(content.Initial, "initial"), Given(content.Bottom, "bottom"), Given(content.Right, "right"),
                Given(content.Top, "top"), Given(content.Left, "left")), content.Size);
    }

    /// <inheritdoc/>
    public override string ToString() => Name;
}

/// <summary>What the file holds.</summary>
internal sealed record HeatContent
{
    public int? Size { get; init; }

    public double? Lambda { get; init; }

    public double? Alpha { get; init; }

    public double? Dt { get; init; }

    public double? Dx { get; init; }

    public double? Initial { get; init; }

    public double? Bottom { get; init; }

    public double? Right { get; init; }

    public double? Top { get; init; }

    public double? Left { get; init; }
}

/// <summary>Reading without reflection.</summary>
[JsonSourceGenerationOptions(PropertyNameCaseInsensitive = true, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
[JsonSerializable(typeof(HeatContent))]
internal sealed partial class HeatJson : JsonSerializerContext;
