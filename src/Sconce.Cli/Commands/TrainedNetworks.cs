using Sconce.Abilities;
using Sconce.Catalogue;
using Sconce.Cli.Verbs;
using Sconce.Networks;
using Sconce.Training;

namespace Sconce.Cli.Commands;

/// <summary>
/// Finds what every command that takes a network takes: a run's folder, a network, or a system, which stands for its first network; and its
/// weights: a run's best, a file, or the official ones.
/// </summary>
internal static class TrainedNetworks
{
    /// <summary>Whether a name is a run's folder.</summary>
    public static bool IsRun(string name) => File.Exists(Path.Combine(name, "config.json"));

    /// <summary>A run's best weights.</summary>
    /// <exception cref="UsageException">There are none yet.</exception>
    public static string BestOf(string run)
    {
        string best = Path.Combine(run, "best.ckpt");
        return File.Exists(best) ? best
            : throw new UsageException($"{run} has no best.ckpt yet: it is written at the end of the first epoch");
    }

    /// <summary>Whom a name means.</summary>
    /// <exception cref="UsageException">Nobody, or a system without networks.</exception>
    public static (AbilityTarget Target, ModelVariant Variant) Target(CommandContext context, string name)
    {
        // Networks go first here: a system of a network's name may have several.
        if (!IsRun(name) && context.Models.Find(name) is { } network)
        {
            return (new AbilityTarget(network.Name, context.Models.SystemOf(network), network), network);
        }

        var target = context.Abilities.Find(name);
        if (target is null && Directory.Exists(name)) throw new UsageException($"'{name}' is a folder, but no run: it has no config.json");
        var variant = target is null ? context.Models.Get(name) : target.Variant
            ?? (target.System.Variants is [var leading, ..] ? leading : null);
        if (variant is null) throw new UsageException($"{target!.Name} has no network ('sconce show {target.Name}' says what it is)");
        if (target!.Variant is null) context.Terminal.Note($"sconce: {variant.Name}, the first network of {target.Name}");
        return (target with { Variant = variant }, variant);
    }

    /// <summary>The network that is trained where a name is typed: its own, or a system's smallest that a person can train.</summary>
    /// <exception cref="UsageException">There is none.</exception>
    public static string ToTrain(CommandContext context, string name)
    {
        if (context.Models.Find(name) is { } network) return network.Name;
        if (context.Abilities.Find(name) is not { Run: null, Variant: null } target) return context.Models.Get(name).Name;
        var own = target.System.Variants.Where(variant => context.Methods.DefaultFor(variant) != ClassifierMethod.Plain).ToList();
        var chosen = own.FirstOrDefault(variant => variant.Name.EndsWith("_small", StringComparison.Ordinal)) ?? own.FirstOrDefault()
            ?? (target.System.Variants is [var first, ..] ? first
                : throw new UsageException($"{name} has no network to train ('sconce show {name}' says what it is)"));
        context.Terminal.Note($"sconce: {chosen.Name}, of {name}");
        return chosen.Name;
    }

    /// <summary>Finds it with its weights, and the method that answers for it.</summary>
    /// <param name="context">The catalogue.</param>
    /// <param name="name">A run's folder, a network or a system.</param>
    /// <param name="weights">A checkpoint, another run's folder, or <c>official</c>; may be left out for a run.</param>
    /// <param name="size">The pictures' side, if typed.</param>
    /// <exception cref="UsageException">There is none, or no weights.</exception>
    public static (TrainedNetwork Network, TrainingMethod Method) Find(CommandContext context, string name, string? weights, int? size)
    {
        var (target, variant) = Target(context, name);
        bool knows = weights is not null && target.Run is null && context.Abilities.OfCheckpoint(weights) is { } own
            && own.System == target.System;
        if (knows) (target, variant) = Target(context, weights!);
        var method = target.Method ?? context.Methods.DefaultFor(variant);
        if (target.Run is null && method == ClassifierMethod.Plain) ClassifierNetwork.Find(context.Models, variant.Name);
        string? chosen = new WeightsChoice(context).Of(weights, target, variant);
        if (target.Run is { } run)
        {
            bool isFolder = IsRun(target.Name);
            return (run with
            {
                Weights = chosen ?? (isFolder ? BestOf(name) : run.Weights),
                Size = size ?? run.Size,
                Run = isFolder ? name
                : null
            }, method);
        }

        var (classes, side) = CheckpointClasses.Read(chosen!, variant.Find<IHasClasses>()?.Head ?? "");
        return (new TrainedNetwork(variant, chosen!, size ?? side, classes), method);
    }
}
