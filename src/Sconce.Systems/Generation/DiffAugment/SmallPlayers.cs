using Sconce.Nn;
using Sconce.Nn.Backbones;
using Sconce.Torch;

namespace Sconce.Systems.Generation.DiffAugment;

/// <summary>The claim's generator: <c>z (N, 16) -> (N, 3, 16, 16)</c> in (-1, 1).</summary>
internal sealed partial class SmallGenerator : Module<Tensor, Tensor>, ISplitGenerator
{
    public const int Latent = 16;

    private static readonly Upsample Doubled = new(2.0);
    private static readonly Relu Activation = new();

    public Linear First { get; } = new(Latent, 32 * 4 * 4);

    public BatchNorm2d Norm1 { get; } = new(32);

    public Conv2d Conv1 { get; } = new(32, 32, 3, 1, 1);

    public BatchNorm2d Norm2 { get; } = new(32);

    public Conv2d Conv2 { get; } = new(32, 16, 3, 1, 1);

    public BatchNorm2d Norm3 { get; } = new(16);

    public Conv2d Last { get; } = new(16, 3, 3, 1, 1);

    public Tensor FirstMap(Tensor z) => First.Call(z).Reshape([-1, 32, 4, 4]);

    public Tensor Paint(Tensor map) =>
        map.Through(Norm1, Activation, Doubled, Conv1, Norm2, Activation, Doubled, Conv2, Norm3, Activation, Last).Tanh();

    protected override Tensor Forward(Tensor z) => Paint(FirstMap(z));
}

/// <summary>The claim's discriminator, without norms: <c>(N, 3, 16, 16) -> (N, 1)</c>.</summary>
internal sealed partial class SmallDiscriminator : Module<Tensor, Tensor>, ISplitDiscriminator
{
    private static readonly LeakyRelu Activation = new(0.2);

    public Conv2d Conv1 { get; } = new(3, 16, 4, 2, 1);

    public Conv2d Conv2 { get; } = new(16, 32, 4, 2, 1);

    public Conv2d Conv3 { get; } = new(32, 64, 4, 2, 1);

    public Linear Last { get; } = new(64 * 2 * 2, 1);

    public Tensor Features(Tensor images) => images.Through(Conv1, Activation, Conv2, Activation, Conv3, Activation).Flatten(1);

    public Tensor Judge(Tensor features) => Last.Call(features);

    protected override Tensor Forward(Tensor pictures) => Judge(Features(pictures));
}
