using Sconce.Catalogue;
using Sconce.Nn;
using Sconce.Torch;
using Sconce.Training;

namespace Sconce.Cli.Commands;

/// <summary>A network to be asked: a run's best weights, or a catalogue's network with a checkpoint.</summary>
/// <param name="Variant">The catalogue's entry.</param>
/// <param name="Weights">The checkpoint.</param>
/// <param name="Size">The pictures' side; null for the official one.</param>
/// <param name="Classes">The classes' names; null where only their number is known.</param>
/// <param name="Data">The run's own pictures; null without a run.</param>
internal sealed record TrainedNetwork(ModelVariant Variant, string Weights, int? Size, IReadOnlyList<string>? Classes, string? Data)
{
    /// <summary>How pictures are prepared.</summary>
    public ImagePreprocessing Preprocessing => CatalogueClassifier.Preprocessing(Variant, Size);

    /// <summary>Whether a name is a run's folder.</summary>
    public static bool IsRun(string name) => File.Exists(Path.Combine(name, "config.json"));

    /// <summary>Finds it.</summary>
    /// <param name="models">The catalogue.</param>
    /// <param name="name">A run's folder, or a network.</param>
    /// <param name="weights">A checkpoint; may be left out for a run.</param>
    /// <param name="size">The pictures' side, if typed.</param>
    /// <exception cref="UsageException">Neither, or no weights.</exception>
    public static TrainedNetwork Find(ModelRegistry models, string name, string? weights, int? size)
    {
        if (weights is not null && !File.Exists(weights)) throw new UsageException($"--weights: there is no file '{weights}'");
        if (IsRun(name))
        {
            var configuration = TrainingConfigurationFile.Read(Path.Combine(name, "config.json"));
            string best = Path.Combine(name, "best.ckpt");
            if (weights is null && !File.Exists(best)) throw new UsageException($"{name} has no best.ckpt yet: it is written at the end of the first epoch");
            return new TrainedNetwork(CatalogueClassifier.Find(models, configuration.Network), weights ?? best, size ?? configuration.ImageSize, configuration.Classes, configuration.Data);
        }

        if (Directory.Exists(name)) throw new UsageException($"'{name}' is a folder, but no run: it has no config.json");
        var variant = CatalogueClassifier.Find(models, name);
        if (weights is null) throw new UsageException($"--weights is missing: the checkpoint of {variant.Name} ('sconce show {variant.Name}' says where it is published)");
        return new TrainedNetwork(variant, weights, size, null, null);
    }

    /// <summary>Builds the network with its weights.</summary>
    /// <param name="classes">Outputs; null for the official number.</param>
    public Module<Tensor, Tensor> Load(int? classes) => Variant.CreateTrained<Module<Tensor, Tensor>>(Weights, new ModelOptions(classes, Size));
}
