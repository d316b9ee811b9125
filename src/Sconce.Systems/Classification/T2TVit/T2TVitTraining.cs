using Sconce.Optim;

namespace Sconce.Systems.Classification.T2TVit;

/// <summary>The official recipe; 2101.11986 §4.1, main.py and README @0f63dc9.</summary>
public static class T2TVitTraining
{
    /// <summary>Epochs of the cosine, and those at its lowest rate that follow.</summary>
    public const int Epochs = 300, CoolDown = 10;

    /// <summary>Epochs of linear warm-up, which the cosine's count includes, from <see cref="FirstRate"/>.</summary>
    public const int WarmUp = 10;

    /// <summary>The first rate of the warm-up and the last of the cosine.</summary>
    public const double FirstRate = 1e-6, LastRate = 1e-5;

    /// <summary>Of the averaged weights, which are what is published.</summary>
    public const double AverageDecay = 0.99996;

    /// <summary>AdamW, for batches of 512 (rate 5e-4) or, with the small networks, 1024 (1e-3). Class token, biases and norms do not decay.</summary>
    /// <param name="network">Whose parameters.</param>
    /// <param name="rate">By the batch.</param>
    /// <param name="decay">0.03 for 7, 10 and 12 blocks, 0.05 for 14, 0.065 for 19 and 24.</param>
    public static AdamW Optimizer(T2TVisionTransformer network, double rate = 5e-4, double decay = 0.05)
    {
        ArgumentNullException.ThrowIfNull(network);
        return new AdamW(ParameterGroup.WeightsAndVectors(network, (_, parameter) => parameter.Dimensions <= 1 || parameter == network.ClsToken), rate, weightDecay: decay);
    }
}
