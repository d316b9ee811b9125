using Sconce.Nn;
using Sconce.Nn.Perceptual;
using Sconce.Torch;
using Sconce.Weights;

namespace Sconce.Systems.Video.FaceVid2Vid;

/// <summary>
/// How unlike painted frames are to VGG-19: the mean differences after relu1_1 to relu5_1, counted alike, at full, half, quarter and eighth
/// size, as far down as VGG's last map has a pixel left. <c>two (N, 3, S, S) in [0, 1] -> ()</c>; 2011.15126 A.1;
/// zhanglonghao1992/One-Shot_Free-View_Neural_Talking_Head_Synthesis@9511d25 modules/model.py. Its weights are frozen, and the target gets
/// no gradient.
/// </summary>
public sealed partial class FaceLikeness : Module<Tensor, Tensor, Tensor>
{
    private const int Least = 16;   // VGG's fifth map is a sixteenth

    /// <summary>Weights are yet to be loaded.</summary>
    public FaceLikeness()
    {
        RequireGrad(false);
        Eval();
    }

    Vgg19Loss Vgg { get; } = new();

    AntiAliasedShrink Half { get; } = new(3, 0.5);

    AntiAliasedShrink Quarter { get; } = new(3, 0.25);

    AntiAliasedShrink Eighth { get; } = new(3, 0.125);

    [NotSaved]
    Nn.Buffer Mean { get; } = new(Tensor.From([0.485f, 0.456f, 0.406f], [1, 3, 1, 1]));

    [NotSaved]
    Nn.Buffer Deviation { get; } = new(Tensor.From([0.229f, 0.224f, 0.225f], [1, 3, 1, 1]));

    /// <summary>Loads VGG-19: torchvision's file, or one with the slices' own keys.</summary>
    /// <exception cref="CheckpointException">It cannot be read, or does not fit.</exception>
    public void Load(string path) => VggWeights.Load(Vgg, path, Vgg19Loss.Starts);

    /// <inheritdoc/>
    protected override Tensor Forward(Tensor painted, Tensor wanted)
    {
        var terms = new List<Tensor>();
        foreach (var shrink in (AntiAliasedShrink?[])[null, Half, Quarter, Eighth])
        {
            Tensor made = shrink?.Call(painted) ?? painted, target = shrink?.Call(wanted) ?? wanted;
            if (Math.Min(made.Size(2), made.Size(3)) < Least) break;
            IReadOnlyList<Tensor> seen = Vgg.Features((made - Mean) / Deviation), shown;
            using (Gradients.Off()) shown = Vgg.Features((target - Mean) / Deviation);
            terms.AddRange(seen.Zip(shown, (first, second) => (first - second).Abs().Mean()));
        }

        return Tensor.Stack([.. terms]).Sum();
    }
}
