using Sconce.Optim;

namespace Sconce.Systems.Video.TimeSformer;

/// <summary>The official recipe; 2102.05095 §4, configs/Kinetics/TimeSformer_divST_8x32_224.yaml@a5ef29a. It begins from a ViT of pictures (<see cref="TimeSformerWeights.LoadPictures"/>).</summary>
public static class TimeSformerTraining
{
    /// <summary>Epochs in all.</summary>
    public const int Epochs = 15;

    /// <summary>The first rate, for 8 GPUs with one video each.</summary>
    public const double Rate = 0.005;

    /// <summary>SGD with momentum 0.9 and decay 1e-4 on everything.</summary>
    public static Sgd Optimizer(VideoTransformer network)
    {
        ArgumentNullException.ThrowIfNull(network);
        return new Sgd(network.Parameters(), Rate, momentum: 0.9, weightDecay: 1e-4);
    }

    /// <summary>The rate of an epoch, counted from 0: a tenth of it from the 11th on, a hundredth from the 14th.</summary>
    public static double RateOf(int epoch)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(epoch);
        return epoch < 11 ? Rate : epoch < 14 ? Rate / 10 : Rate / 100;
    }
}
