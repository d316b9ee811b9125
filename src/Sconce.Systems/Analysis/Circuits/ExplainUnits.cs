using Sconce.Abilities;
using Sconce.Imaging;
using Sconce.Systems.Analysis.Looks;
using Sconce.Torch;

namespace Sconce.Systems.Analysis.Circuits;

/// <summary>Which units are shown, and how their pictures are sought.</summary>
[Settings]
public sealed partial record UnitSettings
{
    /// <summary>The layer, by the dotted name of its module; where left out, the layers are listed.</summary>
    public string? Layer { get; init; }

    /// <summary>Its channels, from 0; where left out, all of them on one sheet.</summary>
    public ChannelChoice? Channel { get; init; }

    /// <summary>Whether only the unit in the middle of each map is excited; else the whole map.</summary>
    public bool Neuron { get; init; }

    /// <summary>Whether the channels are one goal together.</summary>
    public bool Together { get; init; }

    /// <summary>How much each channel counts in one goal together; all the same where left out.</summary>
    public IReadOnlyList<double> Shares { get; init; } = [];

    /// <summary>Pictures of each channel, made unlike each other.</summary>
    [Within(1, 64)]
    public int Diverse { get; init; } = 1;

    /// <summary>Steps of the search; 256 where few channels are asked for, 64 for a sheet.</summary>
    [Within(1)]
    [LeftOpen]
    public int? Steps { get; init; }

    /// <summary>Of the first pictures and of the moves that they must stand.</summary>
    public ulong Seed { get; init; }
}

/// <summary>Pictures that excite units.</summary>
/// <param name="Units">A row a picture: channel, activation before and after; filled as the pictures are made. Or a row a layer.</param>
/// <param name="Pictures">The pictures; null for a list of layers.</param>
public sealed record UnitsAnswer(Rows Units, Answer? Pictures) : IAnswer
{
    /// <inheritdoc/>
    public IReadOnlyList<(string Name, Answer Part)> Parts =>
        Pictures is { } made ? [("units", Units), ("unit", made)] : [("layers", Units)];
}

/// <summary>What excites the units of any network of pictures: feature visualisation; doi 10.23915/distill.00024.</summary>
public sealed class ExplainUnits : Ability<Nothing, UnitsAnswer, UnitSettings>
{
    /// <inheritdoc/>
    public override Verb Verb => Verb.Explain;

    /// <inheritdoc/>
    public override string Purpose => "a layer's name in; out, for each of its channels, a picture that excites it";

    /// <inheritdoc/>
    public override IReadOnlyList<(string Line, string Meaning)> Examples =>
    [
        ("resnet50 --layer layer3.0.conv2 --channel 17 --out unit.png", "what excites a unit"),
        ("run1 --layer layer2.0.conv1 --out sheet.png", "a whole layer on one sheet; 'explain run1' alone lists layers"),
    ];

    /// <inheritdoc/>
    public override bool SharesNetwork(IReadOnlyList<Capability> network) => ProbedNetwork.IsShared(network);

    /// <inheritdoc/>
    public override bool Fits(IReadOnlyList<Capability> network) => ProbedNetwork.Fits(network);

    /// <inheritdoc/>
    public override Session<Nothing, UnitsAnswer, UnitSettings> Open(OpenRequest request) => new UnitSession(request);
}

/// <summary>A network whose units are shown.</summary>
internal sealed class UnitSession(OpenRequest request) : Session<Nothing, UnitsAnswer, UnitSettings>
{
    private const int FewSteps = 64, ManySteps = 256, FewChannels = 8, PixelsTogether = 8 * 128 * 128;

    private static readonly string[] Columns = ["picture", "channel", "before", "after", "found"];
    private readonly ProbedNetwork network = new(request);

    /// <inheritdoc/>
    protected override IReadOnlyList<UnitsAnswer> Answer(
        IReadOnlyList<Nothing> inputs, UnitSettings settings, IProgress<WorkProgress>? progress, CancellationToken cancellation) =>
        [settings.Layer is { } layer ? Shown(layer, settings, progress, cancellation) : Listed()];

    /// <inheritdoc/>
    protected override void Free() => network.Dispose();

    private UnitsAnswer Listed() => new(
        new Rows(["layer", "kind", "channels", "map"],
            [.. LayerList.Of(network).Select(layer => (IReadOnlyList<object?>)[layer.Name, layer.Kind, layer.Channels, layer.Map])]),
        null);

    private UnitsAnswer Shown(string layer, UnitSettings settings, IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        network.Layer(layer);
        int count = LayerList.ChannelsOf(network, layer);
        var channels = settings.Channel?.Of(count, layer) ?? [.. Enumerable.Range(0, count)];
        if (settings.Shares.Count > 0 && (!settings.Together || settings.Shares.Count != channels.Count))
        {
            throw new SettingsException("shares", called =>
                $"{called} has {settings.Shares.Count} numbers: they are for channels that are one goal together, one for each");
        }

        int[][] goals = settings.Together ? [[.. channels]] : [.. channels.Select(channel => (int[])[channel])];
        int pictures = goals.Length * settings.Diverse;
        var rows = new List<IReadOnlyList<object?>>();
        var made = Made(layer, goals, settings, rows, progress, cancellation);
        var units = new Rows(Columns, rows);
        // One picture is made at once; of many each is a file as soon as it is there.
        return pictures == 1
            ? new UnitsAnswer(units, new MadePicture(made.Single()))
            : new UnitsAnswer(units, new MadePictures(made) { Count = pictures, HasSheet = true });
    }

    private IEnumerable<Image> Made(
        string layer, int[][] goals, UnitSettings settings, List<IReadOnlyList<object?>> rows, IProgress<WorkProgress>? progress,
        CancellationToken cancellation)
    {
        var options = new VisualizationOptions
        {
            Steps = settings.Steps ?? (goals.Length > FewChannels ? FewSteps : ManySteps),
            Diversity = settings.Diverse > 1 ? 1 : 0,
            Seed = settings.Seed,
        };
        // Pictures that shall differ from each other are sought together, those of different units as memory permits.
        int together = settings.Diverse > 1 ? 1 : Math.Max(1, PixelsTogether / (network.Side * network.Side));
        int groups = (goals.Length + together - 1) / together, done = 0;
        foreach (int[][] group in goals.Chunk(together))
        {
            int count = group.Length * settings.Diverse;
            var found = Found(layer, group, count, settings, options,
                () => progress?.Report(new WorkProgress("seeking", ++done, groups * options.Steps)), cancellation);
            foreach (var (picture, row) in found)
            {
                rows.Add([rows.Count + 1L, .. row]);
                yield return picture;
            }
        }
    }

    private List<(Image Picture, object?[] Row)> Found(
        string layer, int[][] goals, int count, UnitSettings settings, VisualizationOptions options, Action told,
        CancellationToken cancellation)
    {
        using var scope = new TensorScope();
        int[][] wanted = [.. Enumerable.Range(0, count).Select(k => goals[k / settings.Diverse])];
        var found = FeatureVisualization.Find(
            network, layer, maps => Tensor.Stack([.. wanted.Select((channels, k) => Goal(maps[k], channels, settings))]), count, options,
            told, cancellation);
        return
        [
            .. wanted.Select((channels, k) => (
                found.Pictures[k].ToImage(),
                (object?[])
                [
                    string.Join('+', channels), found.Before[k], found.After[k], found.After[k] > found.Before[k] ? "yes" : "silent",
                ])),
        ];
    }

    /// <summary>A weighted mean of channels. <c>(C, h, w) -> ()</c></summary>
    private static Tensor Goal(Tensor maps, int[] channels, UnitSettings settings)
    {
        var sum = Tensor.Zeros([]).To(maps.Device);
        for (int k = 0; k < channels.Length; k++)
        {
            double share = settings.Shares.Count > 0 ? settings.Shares[k] : 1.0 / channels.Length;
            var map = maps[channels[k]];
            sum += (settings.Neuron ? map[(int)map.Size(0) / 2, (int)map.Size(1) / 2] : map.Mean()) * share;
        }

        return sum;
    }
}
