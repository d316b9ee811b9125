using Sconce.Abilities;
using Sconce.Networks;
using Sconce.Nn;
using Sconce.Torch;
using Sconce.Training;
using Sconce.Weights;

namespace Sconce.Catalogue;

/// <summary>Opens a network of the catalogue with a checkpoint, or a run's best weights.</summary>
/// <param name="target">Whom.</param>
/// <param name="network">The target's network that does it; null for a method without one.</param>
/// <param name="weights">The checkpoint; null for a run's best.</param>
public sealed class CatalogueRequest(AbilityTarget target, ModelVariant? network, string? weights) : OpenRequest
{
    private int? outputs;

    private Lazy<(IReadOnlyList<string>? Classes, int? ImageSize)> InFile =>
        inFile ??= new(() => CheckpointClasses.Read(Weights, network?.Find<IHasClasses>()?.Head ?? ""));

    private Lazy<(IReadOnlyList<string>? Classes, int? ImageSize)>? inFile;

    /// <inheritdoc/>
    public override string Name => target.Name;

    /// <inheritdoc/>
    public override string NetworkName => network?.Name ?? "";

    /// <inheritdoc/>
    public override string Weights
    {
        get
        {
            if (weights is not null) return weights;
            if (target.Run is not { } run)
            {
                throw new UsageException($"{Name} needs weights: none were named") { Remedy = Remedy.NameWeights };
            }

            if (!File.Exists(run.Weights))
                throw new UsageException($"{Name} has no {RunFolder.BestName} yet: it is written at the end of the first epoch");
            return run.Weights;
        }
    }

    /// <inheritdoc/>
    public override bool HasWeights => weights is not null || target.Run is not null;

    /// <inheritdoc/>
    public override IReadOnlyList<Capability> Capabilities => network?.Capabilities ?? [];

    /// <inheritdoc/>
    public override IReadOnlyList<string>? Classes => target.Run?.Classes ?? (InFile.Value.Classes is { } named ? named : null);

    /// <inheritdoc/>
    public override int Outputs => outputs ??= Classes?.Count ?? OutputsOf(Variant, Weights);

    /// <summary>The run with the weights and the size that were asked for; null for a network of the catalogue.</summary>
    public TrainedNetwork? Run => target.Run is { } run ? run with { Weights = Weights, Size = Side } : null;

    private int? Side => Size ?? target.Run?.Size ?? InFile.Value.ImageSize;

    private ModelVariant Variant => network ?? throw new UsageException($"{Name} has no network");

    /// <summary>Where the network is shared with other sessions; null where it is this one's alone.</summary>
    public NetworkPool? Pool { get; init; }

    /// <inheritdoc/>
    public override T Network<T>() => Pool is { } pool
        ? pool.Take($"{Variant.Name}\n{Path.GetFullPath(Weights)}\n{Side}\n{Device}", Loaded<T>) : Loaded<T>();

    private T Loaded<T>()
        where T : Module
    {
        Progress?.Report(new WorkProgress("loading", 0, 1, Path.GetFileName(Weights)));
        int? classes = Variant.Has<IHasClasses>() ? Outputs : null;
        var module = Variant.CreateTrained<T>(Weights, new ModelOptions(classes, Side));
        module.To(Device);
        return module;
    }

    /// <inheritdoc/>
    public override Module<Tensor, Tensor> Features()
    {
        Progress?.Report(new WorkProgress("loading", 0, 1, Path.GetFileName(Weights)));
        var trained = Run ?? new TrainedNetwork(Variant, Weights, Side, null);
        var module = (target.Method ?? ClassifierMethod.Plain).CreateFeatures(trained);
        module.To(Device);
        return module;
    }

    /// <summary>The classes that a checkpoint's head has; the official number where it has no head to tell by.</summary>
    /// <param name="variant">The network.</param>
    /// <param name="weights">The checkpoint.</param>
    /// <exception cref="CheckpointException">It cannot be read.</exception>
    public static int OutputsOf(ModelVariant variant, string weights)
    {
        var known = variant.Find<IHasClasses>();
        if (known is not { Head.Length: > 0 }) return known?.Classes ?? 0;
        using var checkpoint = Checkpoint.Open(weights);
        string key = known.Head + ".weight";
        var head = checkpoint.Tensors.FirstOrDefault(tensor => tensor.Name == key)
            ?? checkpoint.Tensors.FirstOrDefault(tensor => tensor.Name.EndsWith("." + key, StringComparison.Ordinal));
        return head is { Shape.Count: > 0 } ? (int)head.Shape[0] : known.Classes;
    }
}
