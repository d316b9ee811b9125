using Sconce.Abilities;
using Sconce.Imaging;
using Sconce.Nn;
using Sconce.Torch;
using Sconce.Weights;

namespace Sconce.Networks;

/// <summary>Builds classifiers of pictures for a person's own classes and weights.</summary>
public static class ClassifierNetwork
{
    /// <summary>The variant of that name, which must be a classifier of pictures.</summary>
    /// <exception cref="UsageException">There is none, or it is none.</exception>
    public static ModelVariant Find(ModelRegistry models, string name)
    {
        var variant = models.Get(name);
        if (!variant.Has<ImageClassifier>())
            throw new UsageException($"{variant.Name} is no classifier of pictures") { Remedy = Remedy.KnownNetworks };
        return variant;
    }

    /// <summary>The preprocessing of evaluation at a size: the variant's own, and for small pictures the whole of them.</summary>
    public static ImagePreprocessing Preprocessing(ModelVariant variant, int? size)
    {
        var own = variant.Find<TakesPictures>()?.Preprocessing ?? throw new UsageException($"{variant.Name} takes no pictures");
        if (size is not { } side) return own;
        return own with { Size = side, CropFraction = side <= 64 ? 1 : own.CropFraction };
    }

    /// <summary>Builds it with initial weights.</summary>
    /// <param name="variant">Which.</param>
    /// <param name="classes">Outputs; 0 for features.</param>
    /// <param name="size">The pictures' side; null for the official one.</param>
    public static Module<Tensor, Tensor> Create(ModelVariant variant, int? classes, int? size) =>
        variant.Built(new ModelOptions(classes, size)) as Module<Tensor, Tensor>
            ?? throw new UsageException($"{variant.Name} does not map one tensor to another: it cannot be trained as a classifier "
                + $"of pictures");

    /// <summary>Loads a checkpoint; a classifier of another size is left as it is.</summary>
    /// <returns>Whether the classifier was left out.</returns>
    /// <exception cref="CheckpointException">Damaged, or of another network.</exception>
    public static bool LoadPretrained(Module network, ModelVariant variant, string path)
    {
        using var checkpoint = Checkpoint.Open(path);
        var state = network.StateDict().ToDictionary(entry => entry.Name, entry => entry.Tensor);
        string key = HeadOf(variant), head = key + ".";
        var tensors = checkpoint.Under(state.Keys).Tensors;
        bool differs = key.Length > 0 && tensors.Any(tensor =>
            tensor.Name.StartsWith(head, StringComparison.Ordinal) && state.TryGetValue(tensor.Name, out var own)
            && !own.Shape.SequenceEqual(tensor.Shape.ToArray()));
        // A trunk that learned without labels has no classifier to leave out.
        differs |= key.Length > 0 && !tensors.Any(tensor => tensor.Name.StartsWith(head, StringComparison.Ordinal))
            && tensors.Any(tensor => state.ContainsKey(tensor.Name));
        if (differs) ModelWeights.Load(network, checkpoint, new LoadOptions { Leave = [head] });
        else variant.Load(network, path);
        return differs;
    }

    /// <summary>Numbers of a network's features: it is asked about one empty picture.</summary>
    /// <exception cref="UsageException">Its features are no row a picture.</exception>
    public static int FeatureWidth(Module<Tensor, Tensor> trunk, ModelVariant variant, int? size)
    {
        using var scope = new TensorScope();
        using var noGrad = Gradients.Off();
        bool training = trunk.Training;
        trunk.Eval();
        int side = size ?? (int)variant.Get<TensorInput>().Shape[^1];
        var features = trunk.Call(Tensor.Zeros([1, 3, side, side]));
        trunk.Train(training);
        if (features.Dimensions != 2)
            throw new UsageException($"{variant.Name} has features of the shape [{string.Join(", ", features.Shape.ToArray())}], not a "
                + $"row a picture");
        return (int)features.Size(1);
    }

    /// <summary>Loads everything but a classifier into a trunk: from a checkpoint of the whole network, or of the trunk alone.</summary>
    public static void LoadTrunk(Module trunk, ModelVariant variant, string path) =>
        ModelWeights.Load(trunk, path, new LoadOptions { Leave = HeadOf(variant) is { Length: > 0 } head ? [head + "."] : [] });

    /// <summary>Builds the network without its classifier, <c>(N, 3, H, W) -> (N, width)</c>, and loads everything else.</summary>
    public static Module<Tensor, Tensor> CreateFeatures(ModelVariant variant, string path, int? size)
    {
        using var unset = Init.Skipped();
        var network = Create(variant, 0, size);
        try
        {
            LoadTrunk(network, variant, path);
            return network;
        }
        catch
        {
            network.Dispose();
            throw;
        }
    }

    private static string HeadOf(ModelVariant variant) => variant.Find<IHasClasses>()?.Head ?? "";
}
