using Sconce.Nn;
using Sconce.Torch;

namespace Sconce.Systems.Detection.Tsp;

/// <summary>What the dense head says of one level.</summary>
/// <param name="Logits"><c>(N, C, h, w)</c></param>
/// <param name="Features">Both towers' channels together, <c>(N, 2·channels, h, w)</c>.</param>
internal sealed record FcosLevel(Tensor Logits, Tensor Features) : ITensorContainer
{
    public IEnumerable<Tensor> Tensors => [Logits, Features];
}

/// <summary>
/// FCOS's head without its boxes, shared by all levels: two towers of 3x3 convolutions with group norms, and classes from one of them.
/// 1904.01355 §3.2; Edward-Sun/TSP-Detection@1b8a503 fcos/my_fcos.py <c>FCOSHead</c>.
/// </summary>
internal sealed partial class FcosHead : Module<Tensor, FcosLevel>
{
    /// <summary>The chance of an object before training, 0.01, as a logit.</summary>
    internal static readonly double PriorLogit = -Math.Log(99);

    private const int Groups = 32;
    private const double InitialStd = 0.01;

    internal FcosHead(int channels, int classes, (int Classes, int Boxes) towers)
    {
        ClsTower = Tower(channels, towers.Classes);
        BboxTower = Tower(channels, towers.Boxes);
        ClsLogits = new Conv2d(channels, classes, 3, 1, 1);
        foreach (var convolution in ClsTower.Concat(BboxTower).OfType<Conv2d>().Append(ClsLogits))
        {
            Init.Normal(convolution.Weight, InitialStd);
            Init.Constant(convolution.Bias!, 0);
        }

        Init.Constant(ClsLogits.Bias!, PriorLogit);
    }

    Sequential ClsTower { get; }

    Sequential BboxTower { get; }

    Conv2d ClsLogits { get; }

    protected override FcosLevel Forward(Tensor map)
    {
        Tensor classes = ClsTower.Call(map), boxes = BboxTower.Call(map);
        return new FcosLevel(ClsLogits.Call(classes), Tensor.Cat([classes, boxes], 1));
    }

    private static Sequential Tower(int channels, int convolutions)
    {
        var tower = new Sequential();
        for (int k = 0; k < convolutions; k++)
        {
            tower.Add(new Conv2d(channels, channels, 3, 1, 1));
            tower.Add(new GroupNorm(Groups, channels));
            tower.Add(new Relu());
        }

        return tower;
    }
}
