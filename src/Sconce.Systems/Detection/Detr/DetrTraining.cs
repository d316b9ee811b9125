using Sconce.Data;
using Sconce.Nn;
using Sconce.Optim;
using Sconce.Torch;
using Sconce.Weights;

namespace Sconce.Systems.Detection.Detr;

/// <summary>The official recipe, for batches of 64; 2005.12872 §4, facebookresearch/detr@29901c51 main.py.</summary>
public static class DetrTraining
{
    /// <summary>The largest norm of all gradients together.</summary>
    public const double ClipNorm = 0.1;

    /// <summary>Of everything but the trunk.</summary>
    public const double Rate = 1e-4;

    /// <summary>Of weights.</summary>
    public const double Decay = 1e-4;

    /// <summary>The trunk's share of the rate.</summary>
    public const double TrunkFactor = 0.1;

    /// <summary>AdamW with decay 1e-4; the trunk at a tenth of the rate.</summary>
    /// <param name="network">A <see cref="DetrModel"/> or <see cref="DetrSegmentation"/>.</param>
    /// <param name="rate">1e-4, officially.</param>
    public static AdamW Optimizer(Module network, double rate = Rate) => new(Groups(network), rate, weightDecay: Decay);

    /// <summary>The parameters that learn: the trunk's, and all others.</summary>
    /// <param name="network">A <see cref="DetrModel"/> or <see cref="DetrSegmentation"/>.</param>
    /// <param name="trunkFactor">The trunk's share of the rate.</param>
    public static IReadOnlyList<ParameterGroup> Groups(Module network, double trunkFactor = TrunkFactor)
    {
        var parts = network.NamedParameters().Where(named => named.Parameter.RequiresGrad)
            .ToLookup(named => named.Name.StartsWith("backbone.", StringComparison.Ordinal)
                || named.Name.Contains(".backbone.", StringComparison.Ordinal), named => (Tensor)named.Parameter);
        List<ParameterGroup> groups = [new ParameterGroup(parts[false], "transformer")];
        if (parts[true].Any()) groups.Add(new ParameterGroup(parts[true], "backbone") { RateFactor = trunkFactor });
        return groups;
    }

    /// <summary>The rate falls to a tenth after two thirds of the epochs in the short schedule (300, 200), after four fifths in the long
    /// one (500, 400).</summary>
    public static LearningRateSchedule Schedule(long stepsPerEpoch, double rate = Rate, int dropAfter = 200) =>
        LearningRateSchedule.MultiStep(rate, [stepsPerEpoch * dropAfter]);

    /// <summary>Loads a classifier's weights into the trunk, whose norms are constants; the classifier itself is left out.</summary>
    /// <param name="network">A <see cref="DetrModel"/> or <see cref="DetrSegmentation"/>.</param>
    /// <param name="file">Torchvision's ResNet of the trunk's depth, or a run's.</param>
    /// <exception cref="CheckpointException">Damaged, or of another network.</exception>
    public static void LoadTrunk(Module<PaddedImages, DetrOutput> network, string file)
    {
        var detector = network as DetrModel ?? ((DetrSegmentation)network).Detr;
        ModelWeights.Load(detector.Backbone.Trunk.Body, file,
            new LoadOptions
            {
                Rename = static key => key.StartsWith("fc.", StringComparison.Ordinal)
                || key.EndsWith(".num_batches_tracked", StringComparison.Ordinal) ? null : key
            });
    }

    /// <summary>Batches of a person's own pictures, augmented as in training.</summary>
    /// <param name="data">From <see cref="DetectionDataset"/>; sets of labels are those of the network.</param>
    /// <param name="classes">How many there are.</param>
    /// <param name="options">Batches, threads, order.</param>
    /// <param name="augmentation">The official one where left out.</param>
    /// <param name="masks">Whether the network learns masks: a <see cref="DetrSegmentation"/>.</param>
    public static DataLoader<ImageExample, DetectionBatch> Loader(IDataset<ImageExample> data, int classes,
        DataLoaderOptions? options = null, DetrTrainingAugmentation? augmentation = null, bool masks = false) =>
        new(new DetectionRecipe(data, augmentation ?? new DetrTrainingAugmentation()) { Classes = classes, Masks = masks },
            options ?? new DataLoaderOptions { BatchSize = 2, Shuffle = true });
}
