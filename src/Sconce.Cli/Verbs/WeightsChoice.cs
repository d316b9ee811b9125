using Sconce.Catalogue;
using Sconce.Cli.Commands;
using Sconce.Networks;

namespace Sconce.Cli.Verbs;

/// <summary>Finds the checkpoint of a network that is to be asked: a run's best, a file, or the official one.</summary>
internal sealed class WeightsChoice(CommandContext context)
{
    /// <summary>What stands for the authors' own.</summary>
    public const string Official = "official";

    /// <summary>The checkpoint's path; null for a run's best.</summary>
    /// <param name="typed"><c>--weights</c>; null where it was left out.</param>
    /// <param name="target">Whom it is for.</param>
    /// <param name="network">The network.</param>
    /// <exception cref="UsageException">None was named, or there is no such file.</exception>
    public string? Of(string? typed, AbilityTarget target, ModelVariant? network)
    {
        if (typed == Official) return Pulled(network ?? throw new UsageException($"--weights official: {target.Name} has no network"));
        if (typed is not null && TrainedNetworks.IsRun(typed)) return TrainedNetworks.BestOf(typed);
        if (typed is not null) return File.Exists(typed) || Directory.Exists(typed)
            ? typed : throw new UsageException($"--weights: there is no file '{typed}'");
        if (target.Run is not null || network is null) return null;
        // What was downloaded before is at hand; nothing is downloaded unasked.
        if (network.Weights.Select(OfficialWeightsCache.PathOf).FirstOrDefault(File.Exists) is { } cached) return cached;
        throw new UsageException($"--weights is missing: the checkpoint of {network.Name}{Ways(network)}");
    }

    /// <summary>Where a checkpoint may come from, behind its name.</summary>
    private string Ways(ModelVariant network)
    {
        if (network.Weights.Count > 0)
            return $"; --weights official downloads its authors' own, 'sconce show {network.Name}' says from where";
        var method = context.Methods.All.FirstOrDefault(method => method.IsDefaultFor(network));
        return method is null ? ". No address of its authors' own is known here"
            : $", its authors' own from a file, or a run's: 'sconce train {network.Name} --help' shows how one is made";
    }

    private string Pulled(ModelVariant network)
    {
        var weights = PullCommand.Choose(network);
        string path = OfficialWeightsCache.PathOf(weights);
        return File.Exists(path) ? path : PullCommand.Pull(context, network, weights).Path;
    }
}
