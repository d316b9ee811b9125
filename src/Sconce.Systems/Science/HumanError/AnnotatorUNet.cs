using Sconce.Nn;
using Sconce.Torch;

namespace Sconce.Systems.Science.HumanError;

/// <summary>A segmentation and what each annotator makes of it.</summary>
/// <param name="Logits">Of the true labels <c>(N, classes, H, W)</c>.</param>
/// <param name="Matrices">For each annotator its unnormalised confusion matrices: <c>(N, classes², H, W)</c>,
/// <c>(N, classes, classes, H, W)</c>, or <c>(N, 2·classes + 1, H, W)</c> where they are of rank one.</param>
public sealed record AnnotatedSegmentation(Tensor Logits, IReadOnlyList<Tensor> Matrices) : ITensorContainer
{
    /// <inheritdoc/>
    public IEnumerable<Tensor> Tensors => [Logits, .. Matrices];
}

/// <summary>A U-Net with a confusion matrix for each annotator; when it is called, it gives the true labels' logits.</summary>
public interface IAnnotatorNetwork
{
    /// <summary>Logits and matrices of a batch of pictures <c>(N, C, H, W)</c>.</summary>
    AnnotatedSegmentation Annotate(Tensor pictures);
}

/// <summary>One annotator's confusion matrix at every pixel, from the segmentation's features.
/// <c>(N, width, H, W) -> (N, classes² or 2·classes + 1, H, W)</c>, positive; Models.py <c>cm_layers</c>.</summary>
public sealed partial class AnnotatorHead : Module<Tensor, Tensor>
{
    internal AnnotatorHead(UNetConfig config)
    {
        Conv1 = config.DoubleConv(config.Width, config.Width, 1);
        Conv2 = config.DoubleConv(config.Width, config.Width, 1);
        ConvLast = new Conv2d(config.Width, config.LowRank ? (2 * config.Classes) + 1 : config.Classes * config.Classes, 1);
    }

    [Key("conv_1")]
    Sequential Conv1 { get; }

    [Key("conv_2")]
    Sequential Conv2 { get; }

    /// <summary>Channel k is the matrix's entry (k div classes, k mod classes): annotated as the first, truly the second.</summary>
    public Conv2d ConvLast { get; }

    /// <summary>Lets the annotator start near the truth: entries of <paramref name="diagonal"/> and of its negative, before the
    /// softplus.</summary>
    /// <exception cref="InvalidOperationException">A matrix of rank one.</exception>
    public void StartNearIdentity(int classes, double diagonal = 2)
    {
        if (ConvLast.Bias!.Size(0) != classes * classes)
            throw new InvalidOperationException("a matrix of rank one has its identity already: its last channel");
        using var scope = new TensorScope();
        using var noGrad = Gradients.Off();
        ConvLast.Weight.MulInPlace(0.1);
        ConvLast.Bias.CopyInPlace(((Tensor.Eye(classes) * (2 * diagonal)) - diagonal).Flatten());
    }

    /// <inheritdoc/>
    protected override Tensor Forward(Tensor features) => features.Through(Conv1, Conv2, ConvLast).Softplus();
}

/// <summary>A U-Net whose annotators err differently at every pixel; 2007.15963 §3.3, Models.py <c>UNet_CMs</c>, with its keys.</summary>
public sealed partial class AnnotatorUNet : UNetBody, IAnnotatorNetwork
{
    /// <summary>PyTorch's initial weights.</summary>
    public AnnotatorUNet(UNetConfig config)
        : base(config, config.Classes, padsAlways: false)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(config.Annotators, 1);
        DecodersNoisyLayers = new ModuleList<AnnotatorHead>(Enumerable.Range(0, config.Annotators).Select(_ => new AnnotatorHead(config)));
    }

    /// <summary>One for each annotator.</summary>
    public ModuleList<AnnotatorHead> DecodersNoisyLayers { get; }

    /// <inheritdoc/>
    public AnnotatedSegmentation Annotate(Tensor pictures)
    {
        using var scope = new TensorScope();
        var features = Features(pictures);
        return scope.Keep(new AnnotatedSegmentation(ConvLast.Call(features),
            [.. DecodersNoisyLayers.Select(annotator => annotator.Call(features))]));
    }
}

/// <summary>One confusion matrix for an annotator, the same everywhere. Models.py <c>gcm_layers</c>.</summary>
public sealed partial class GlobalMatrix(int classes) : Module
{
    /// <summary>Before the softplus <c>(classes, classes)</c>; the identity at first.</summary>
    [Key("global_weights")]
    public Parameter Weights { get; } = new(Tensor.Eye(classes));

    /// <summary><c>(N, classes, classes, H, W)</c> for pictures of that shape.</summary>
    public Tensor For(Tensor pictures)
    {
        using var scope = new TensorScope();
        return scope.Keep(Weights.Softplus().Reshape([1, classes, classes, 1, 1])
            .Expand([pictures.Size(0), classes, classes, pictures.Size(2), pictures.Size(3)]));
    }
}

/// <summary>A U-Net whose annotators err alike everywhere; Models.py <c>UNet_GlobalCMs</c>, with its keys. Any size of picture.</summary>
public sealed partial class GlobalAnnotatorUNet : UNetBody, IAnnotatorNetwork
{
    /// <summary>PyTorch's initial weights.</summary>
    public GlobalAnnotatorUNet(UNetConfig config)
        : base(config, config.Classes, padsAlways: false)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(config.Annotators, 1);
        DecodersNoisyLayers = new ModuleList<GlobalMatrix>(Enumerable.Range(0, config.Annotators)
            .Select(_ => new GlobalMatrix(config.Classes)));
    }

    /// <summary>One for each annotator.</summary>
    public ModuleList<GlobalMatrix> DecodersNoisyLayers { get; }

    /// <inheritdoc/>
    public AnnotatedSegmentation Annotate(Tensor pictures)
    {
        using var scope = new TensorScope();
        return scope.Keep(new AnnotatedSegmentation(Call(pictures), [.. DecodersNoisyLayers.Select(annotator => annotator.For(pictures))]));
    }
}
