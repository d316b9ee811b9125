using Sconce.Catalogue;
using Sconce.Training;

namespace Sconce.Cli.Commands;

/// <summary>Finds a network to be asked, and the method that answers for it: a run's best weights, or a catalogue's network with a checkpoint.</summary>
internal static class TrainedNetworks
{
    /// <summary>Whether a name is a run's folder.</summary>
    public static bool IsRun(string name) => File.Exists(Path.Combine(name, "config.json"));

    /// <summary>Finds it.</summary>
    /// <param name="context">The catalogue.</param>
    /// <param name="name">A run's folder, or a network.</param>
    /// <param name="weights">A checkpoint; may be left out for a run.</param>
    /// <param name="size">The pictures' side, if typed.</param>
    /// <exception cref="UsageException">Neither, or no weights.</exception>
    public static (TrainedNetwork Network, TrainingMethod Method) Find(CommandContext context, string name, string? weights, int? size)
    {
        if (weights is not null && !File.Exists(weights)) throw new UsageException($"--weights: there is no file '{weights}'");
        if (IsRun(name))
        {
            var configuration = TrainingConfigurationFile.Read(Path.Combine(name, "config.json"));
            string best = Path.Combine(name, "best.ckpt");
            if (weights is null && !File.Exists(best)) throw new UsageException($"{name} has no best.ckpt yet: it is written at the end of the first epoch");
            var found = new TrainedNetwork(context.Models.Get(configuration.Network).Variant, weights ?? best, size ?? configuration.ImageSize, configuration.Classes) { Configuration = configuration };
            return (found, context.Methods.Get(configuration.Method));
        }

        if (Directory.Exists(name)) throw new UsageException($"'{name}' is a folder, but no run: it has no config.json");
        var variant = context.Models.Get(name).Variant;
        var method = context.Methods.DefaultFor(variant);
        if (method == ClassifierMethod.Plain) CatalogueClassifier.Find(context.Models, name);
        if (weights is null) throw new UsageException($"--weights is missing: the checkpoint of {variant.Name} ('sconce show {variant.Name}' says where it is published)");
        return (new TrainedNetwork(variant, weights, size, null), method);
    }
}
