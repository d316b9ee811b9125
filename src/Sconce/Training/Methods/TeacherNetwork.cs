using Sconce.Abilities;
using Sconce.Imaging;
using Sconce.Networks;
using Sconce.Nn;
using Sconce.Torch;

namespace Sconce.Training;

/// <summary>A trained classifier that a method asks while it trains another: a teacher, an annotator. It is frozen and belongs to no
/// checkpoint.</summary>
public static class TeacherNetwork
{
    /// <summary>Finds it: a run's folder, or a checkpoint with the name of its network.</summary>
    /// <param name="setup">Where names are found.</param>
    /// <param name="place">The folder or file.</param>
    /// <param name="network">The network of a checkpoint; a run knows its own.</param>
    /// <param name="classes">The classes that it must know, in their order.</param>
    /// <param name="options">The names of the two settings, for errors.</param>
    /// <exception cref="UsageException">There is none there, or it knows other classes.</exception>
    public static TrainedNetwork Find(TrainingSetup setup, string place, string? network, IReadOnlyList<string> classes,
        (string Place, string Network) options)
    {
        TrainedNetwork found;
        if (File.Exists(Path.Combine(place, RunFolder.ConfigurationName)))
        {
            var configuration = RunConfigurationFile.Read(Path.Combine(place, RunFolder.ConfigurationName), setup.Methods);
            if (setup.Methods.Get(configuration.Method) is not ClassifierMethod)
                throw new SettingsException(options.Place,
                    called => $"{called}: the run in {place} learned by {configuration.Method}, so it is no classifier");
            string best = Path.Combine(place, RunFolder.BestName);
            if (!File.Exists(best)) throw new SettingsException(options.Place, called => $"{called}: {place} has no best.ckpt yet");
            found = new TrainedNetwork(ClassifierNetwork.Find(setup.Models, configuration.Network), best, configuration.ImageSize,
                configuration.Classes)
            { Configuration = configuration };
        }
        else
        {
            if (!File.Exists(place))
                throw new SettingsException(options.Place, called => $"{called}: '{place}' is neither a run's folder nor a checkpoint");
            if (network is null)
                throw new SettingsException(options.Network,
                    called => $"{called} is missing: the network of the checkpoint {place}, such as resnet50");
            var variant = ClassifierNetwork.Find(setup.Models, network);
            var classifier = variant.Get<ImageClassifier>();
            var (named, side) = CheckpointClasses.Read(place, classifier.Head);
            found = new TrainedNetwork(variant, place, side,
                named ?? (classifier.Classes == ImageNetClasses.Names.Count ? ImageNetClasses.Names : null));
        }

        int official = found.Variant.Get<ImageClassifier>().Classes;
        if (found.Classes is { } known ? !known.SequenceEqual(classes) : official != classes.Count)
        {
            static string First(IReadOnlyList<string> names) => $"({string.Join(", ", names.Take(4))}, …)";
            string its = found.Classes is { } names ? $"{names.Count} classes {First(names)}" : $"{official} classes";
            throw new SettingsException(options.Place, called => $"{called}: {place} knows {its}, and the data have {classes.Count} "
                + $"{First(classes)}: both must have the same in the same order");
        }

        return found;
    }

    /// <summary>Builds it, in evaluation and without gradients.</summary>
    public static Module<Tensor, Tensor> Load(TrainedNetwork found, int classes, Device device)
    {
        var network = ClassifierMethod.Load(found, classes);
        network.RequireGrad(false);
        network.To(device);
        return network;
    }
}
