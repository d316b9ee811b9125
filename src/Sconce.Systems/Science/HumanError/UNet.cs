using Sconce.Nn;
using Sconce.Torch;

namespace Sconce.Systems.Science.HumanError;

/// <summary>What normalises the maps between convolutions.</summary>
public enum UNetNorm
{
    /// <summary>Each map of each picture, with gains (official <c>in</c>).</summary>
    Instance,

    /// <summary>Each channel over the batch (<c>bn</c>).</summary>
    Batch,

    /// <summary>As many groups as channels (<c>ln</c>).</summary>
    Layer,

    /// <summary>Groups of eight channels (<c>gn</c>).</summary>
    Group,
}

/// <summary>One U-Net.</summary>
/// <param name="InputChannels">Of the pictures.</param>
/// <param name="Width">Channels of the first encoder.</param>
/// <param name="Depth">Encoders, and decoders; 2 at least.</param>
/// <param name="Classes">Labels of a pixel.</param>
public sealed record UNetConfig(int InputChannels, int Width, int Depth, int Classes)
{
    /// <summary>Between the convolutions.</summary>
    public UNetNorm Norm { get; init; } = UNetNorm.Instance;

    /// <summary>How many annotators are modelled; the official networks have four.</summary>
    public int Annotators { get; init; } = 4;

    /// <summary>The rate at which whole maps are dropped after each decoder of the plain U-Net; the official one is 0.4.</summary>
    public double Dropout { get; init; }

    /// <summary>Whether the annotators' matrices are of rank one, plus a share of the identity.</summary>
    public bool LowRank { get; init; }

    /// <summary>Two convolutions with norm and PReLU; Models.py <c>double_conv</c>.
    /// <c>(N, inputs, H, W) -> (N, outputs, H/stride, W/stride)</c></summary>
    internal Sequential DoubleConv(int inputs, int outputs, int stride)
    {
        return new Sequential(
            new Conv2d(inputs, outputs, 3, stride, 1, bias: false), Normalize(), new PRelu(),
            new Conv2d(outputs, outputs, 3, 1, 1, bias: false), Normalize(), new PRelu());

        Module<Tensor, Tensor> Normalize() => Norm switch
        {
            UNetNorm.Batch => new BatchNorm2d(outputs),
            UNetNorm.Layer => new GroupNorm(outputs, outputs),
            UNetNorm.Group => new GroupNorm(outputs / 8, outputs),
            _ => new InstanceNorm2d(outputs, affine: true),
        };
    }
}

/// <summary>
/// The body that all networks here share: encoders down, decoders up. The first decoder's step enlarges the deepest map and crops its
/// centre back, so that there are as many decoders as encoders. <c>(N, C, H, W) -> (N, width, H, W)</c>;
/// moucheng2017/Learn_Noisy_Labels_Medical_Images@9e449fe Models.py.
/// </summary>
public abstract partial class UNetBody : Module<Tensor, Tensor>
{
    private static readonly Upsample Double = new(2, Interpolation.Bilinear, alignCorners: true);
    private readonly bool padsAlways;

    /// <summary>PyTorch's initial weights.</summary>
    /// <param name="config">Its sizes.</param>
    /// <param name="outputs">Channels of the last convolution.</param>
    /// <param name="padsAlways">Whether maps of equal height are brought to the skip's width too.</param>
    private protected UNetBody(UNetConfig config, int outputs, bool padsAlways)
    {
        if (config.Depth < 2) throw new ArgumentException($"a U-Net has two encoders at least, not {config.Depth}", nameof(config));
        this.padsAlways = padsAlways;
        int width = config.Width, last = config.Depth - 1;
        Encoders = new ModuleList<Sequential>(Enumerable.Range(0, config.Depth).Select(i =>
            i == 0 ? config.DoubleConv(config.InputChannels, width, 1)
            : config.DoubleConv(width << (i - 1), i < last ? width << i : width << (i - 1), 2)));
        Decoders = new ModuleList<Sequential>(Enumerable.Range(0, config.Depth).Select(i =>
            i == 0 ? config.DoubleConv(width * 2, width, 1)
            : config.DoubleConv(i < last ? width << (i + 1) : width << i, width << (i - 1), 1)));
        ConvLast = new Conv2d(width, outputs, 1);
        Dropout = config.Dropout > 0 ? new Dropout2d(config.Dropout) : null;
    }

    /// <summary>From the picture down.</summary>
    public ModuleList<Sequential> Encoders { get; }

    /// <summary>The last one comes first.</summary>
    public ModuleList<Sequential> Decoders { get; }

    /// <summary>To the labels: <c>(N, width, H, W) -> (N, outputs, H, W)</c>.</summary>
    public Conv2d ConvLast { get; }

    Dropout2d? Dropout { get; }

    /// <summary>The last decoder's map: <c>(N, C, H, W) -> (N, width, H, W)</c>.</summary>
    protected Tensor Features(Tensor pictures)
    {
        using var scope = new TensorScope();
        var skips = new List<Tensor>();
        var y = pictures;
        foreach (var encoder in Encoders) skips.Add(y = encoder.Call(y));
        for (int i = skips.Count - 1; i >= 0; i--)
        {
            var skip = skips[i];
            y = Fit(Double.Call(y), skip);
            y = Decoders[i].Call(Tensor.Cat([skip, y], 1)).Through(Dropout);
        }

        return scope.Keep(y);
    }

    /// <inheritdoc/>
    protected override Tensor Forward(Tensor pictures) => ConvLast.Call(Features(pictures));

    // A floor as Python's: a difference of -7 crops 4 and 3.
    private Tensor Fit(Tensor y, Tensor skip)
    {
        long high = skip.Size(2) - y.Size(2), wide = skip.Size(3) - y.Size(3);
        if (high == 0 && (!padsAlways || wide == 0)) return y;
        long left = wide >> 1, top = high >> 1;
        return y.ConstantPadNd([left, wide - left, top, high - top]);
    }
}

/// <summary>The U-Net that is compared with: one output for two classes, whose sigmoid is the foreground, else one for each.
/// <c>(N, C, H, W) -> (N, 1 or classes, H, W)</c></summary>
public sealed class UNet(UNetConfig config) : UNetBody(config, config.Classes > 2 ? config.Classes : 1, padsAlways: true);
