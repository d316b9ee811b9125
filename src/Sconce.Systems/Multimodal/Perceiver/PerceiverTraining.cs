using Sconce.Nn;
using Sconce.Optim;

namespace Sconce.Systems.Multimodal.Perceiver;

/// <summary>How ImageNet is trained: the paper's recipe and that of Perceiver IO's code; 2103.03206 §4.1, deepmind-research@f5de0ede
/// perceiver/train/experiment.py.</summary>
public static class PerceiverTraining
{
    /// <summary>Perceiver IO's largest norm of all gradients together.</summary>
    public const double ClipNorm = 10;

    /// <summary>LAMB with ε 1e-6; biases and norms do not decay, learned arrays do.</summary>
    /// <param name="network">Whose parameters.</param>
    /// <param name="rate">4e-3 in the paper; 5e-4 · batch / 256 in Perceiver IO's code.</param>
    /// <param name="decay">0.1 in Perceiver IO's code.</param>
    public static Lamb Optimizer(Module network, double rate, double decay = 0.1)
    {
        var parts = network.NamedParameters().Where(named => named.Parameter.RequiresGrad)
            .ToLookup(named => named.Parameter.Dimensions > 1, named => (Torch.Tensor)named.Parameter);
        return new Lamb([new ParameterGroup(parts[true], "weights"), new ParameterGroup(parts[false], "vectors") { Decay = false }], rate,
            weightDecay: decay);
    }

    /// <summary>The paper's rates: a tenth after epochs 84, 102 and 114 of 120.</summary>
    public static LearningRateSchedule PaperSchedule(long stepsPerEpoch, double rate = 4e-3) =>
        LearningRateSchedule.MultiStep(rate, [84 * stepsPerEpoch, 102 * stepsPerEpoch, 114 * stepsPerEpoch]);

    /// <summary>Perceiver IO's rates: constant for half of the steps, then half a cosine to zero.</summary>
    public static LearningRateSchedule IoSchedule(long steps, int batch)
    {
        double rate = 5e-4 * batch / 256;
        return LearningRateSchedule.Constant(rate).Then(steps / 2, LearningRateSchedule.Cosine(rate, steps - (steps / 2)));
    }
}
