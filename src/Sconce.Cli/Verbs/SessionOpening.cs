using System.CommandLine;
using Sconce.Abilities;
using Sconce.Catalogue;
using Sconce.Cli.Progress;
using Sconce.Torch;

namespace Sconce.Cli.Verbs;

/// <summary>Opens a session of what is asked, with the weights, on the device and at the size that a line names.</summary>
internal sealed class SessionOpening(CommandContext context, VerbOptions options)
{
    private const int WorthCompiling = 8;

    /// <summary>A session for so many inputs.</summary>
    public Session Open(ParseResult parsed, AbilityTarget target, Ability ability, int count, ProgressDisplay progress)
    {
        var network = target.NetworkFor(ability);
        string? typed = parsed.GetValue(options.Weights);
        string? checkpoint = ability.NeedsWeights ? new WeightsChoice(context).Of(typed, target, network) : typed;
        var place = parsed.GetValue(options.Device) is { } name
            ? Devices.Of(name) : ability.RunsNetwork ? TorchRuntime.BestDevice : Device.Cpu;
        var size = parsed.GetValue(options.Size);
        var request = new CatalogueRequest(target, network, checkpoint)
        {
            Device = place,
            Size = PictureExtent.Side(size, ability) ?? target.Run?.Size,
            Extent = PictureExtent.Of(size, ability),
            Compiles = count >= WorthCompiling,
            Progress = progress,
        };
        using var chosen = options.Naming.For(parsed, checkpoint ?? target.Run?.Weights);
        var session = ability.OpenSession(request);
        if (ability.NeedsWeights) context.Terminal.Note($"sconce: {network?.Name ?? target.Name} on {Devices.Described(place)}");
        return session;
    }

    /// <summary>A session for nobody knows how many inputs; progress is shown while it opens.</summary>
    public Session OpenForMany(ParseResult parsed, AbilityTarget target, Ability ability)
    {
        using var progress = new ProgressDisplay(context.Terminal, target.Name);
        return Open(parsed, target, ability, WorthCompiling, progress);
    }
}
