using Sconce.Abilities;
using Sconce.Reports;
using Sconce.Systems.Analysis.Looks;
using Sconce.Tables;

namespace Sconce.Systems.Analysis.Circuits;

/// <summary>Whose tuning is drawn.</summary>
[Settings]
public sealed partial record TuningSettings
{
    /// <summary>Show how units answer to synthetic pictures: directions, orientations, frequencies.</summary>
    public bool Tuning { get; init; }

    /// <summary>The layer, by the dotted name of its module.</summary>
    [Required]
    public string Layer { get; init; } = "";

    /// <summary>Its channels, from 0.</summary>
    [Required]
    public ChannelChoice? Channel { get; init; }

    /// <summary>Of the noise.</summary>
    public ulong Seed { get; init; }
}

/// <summary>Curves of units.</summary>
/// <param name="Units">A row a channel and stimulus: preferred value, sharpness, lowest and highest answer.</param>
/// <param name="Curves">A row a point of a curve.</param>
/// <param name="Page">The curves drawn.</param>
public sealed record TuningAnswer(Rows Units, MadeTable Curves, Page Page) : IAnswer
{
    /// <inheritdoc/>
    public IReadOnlyList<(string Name, Answer Part)> Parts => [("units", Units), ("curves", Curves), ("tuning", Page)];
}

/// <summary>How units answer to synthetic pictures; doi 10.23915/distill.00024.005.</summary>
public sealed class ExplainTuning : Ability<Nothing, TuningAnswer, TuningSettings>
{
    /// <inheritdoc/>
    public override Verb Verb => Verb.Explain;

    /// <inheritdoc/>
    public override string AskedBy => "tuning";

    /// <inheritdoc/>
    public override string Purpose =>
        "channels of a layer in; out, curves of their answers to gratings and textures by direction, orientation and frequency";

    /// <inheritdoc/>
    public override IReadOnlyList<(string Line, string Meaning)> Examples =>
        [("resnet50 --tuning --layer layer1.0.conv2 --channel 3,8-11 --out tuning.html", "what a unit is tuned to")];

    /// <inheritdoc/>
    public override bool SharesNetwork(IReadOnlyList<Capability> network) => ProbedNetwork.IsShared(network);

    /// <inheritdoc/>
    public override bool Fits(IReadOnlyList<Capability> network) => ProbedNetwork.Fits(network);

    /// <inheritdoc/>
    public override Session<Nothing, TuningAnswer, TuningSettings> Open(OpenRequest request) => new TuningSession(request);
}

/// <summary>A network whose units are tried.</summary>
internal sealed class TuningSession(OpenRequest request) : Session<Nothing, TuningAnswer, TuningSettings>
{
    private readonly ProbedNetwork network = new(request);

    /// <inheritdoc/>
    protected override IReadOnlyList<TuningAnswer> Answer(
        IReadOnlyList<Nothing> inputs, TuningSettings settings, IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        network.Layer(settings.Layer);
        var channels = settings.Channel!.Of(LayerList.ChannelsOf(network, settings.Layer), settings.Layer);
        var found = new TuningCurves(network, settings.Layer, settings.Seed).Of(channels, progress, cancellation);
        List<IReadOnlyList<object?>> units = [];
        List<(int Channel, string Stimulus, double At, double Answer)> points = [];
        for (int k = 0; k < channels.Count; k++)
        {
            foreach (var curve in found[k])
            {
                units.Add([(long)channels[k], curve.Stimulus, curve.Quantity, curve.Preferred,
                    double.IsNaN(curve.Sharpness) ? null : curve.Sharpness, curve.Responses.Min(), curve.Responses.Max()]);
                for (int point = 0; point < curve.At.Count; point++)
                    points.Add((channels[k], curve.Stimulus, curve.At[point], curve.Responses[point]));
            }
        }

        var rows = new Rows(["channel", "stimulus", "by", "preferred", "sharpness", "lowest", "highest"], units);
        var curves = new Table("curves",
        [
            new TableColumn("channel", [.. points.Select(point => (double)point.Channel)]),
            new TableColumn("stimulus", [.. points.Select(point => (string?)point.Stimulus)]),
            new TableColumn("at", [.. points.Select(point => point.At)]),
            new TableColumn("answer", [.. points.Select(point => point.Answer)]),
        ]);
        return [new TuningAnswer(rows, new MadeTable(curves), Drawn(rows, settings, channels, found))];
    }

    /// <inheritdoc/>
    protected override void Free() => network.Dispose();

    private Page Drawn(
        Rows rows, TuningSettings settings, IReadOnlyList<int> channels, IReadOnlyList<IReadOnlyList<TuningCurve>> found)
    {
        var page = new StandalonePage($"{network.Name}, {settings.Layer}")
            .Paragraph("How units answer to synthetic pictures: the mean over the middle third of their maps. Sharpness is 0 where all "
                + "angles are answered alike and 1 where one alone is.")
            .Table(rows);
        for (int stimulus = 0; stimulus < found[0].Count; stimulus++)
        {
            page.Chart($"answer to a {(stimulus == 0 ? "texture that is fine on one side" : "grating")}", found[0][stimulus].Quantity,
                [.. channels.Select((channel, k) =>
                    new PlottedLine($"channel {channel}", found[k][stimulus].At, found[k][stimulus].Responses))]);
        }

        return new Page(page.Render());
    }
}
