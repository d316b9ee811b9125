using Sconce.Nn;
using Sconce.Torch;

namespace Sconce.Systems.TrainingMethods.GradAug;

/// <summary>One pass of a smaller network: how wide it is, and at which size it sees the pictures.</summary>
public readonly record struct SubNetworkPass(double Width, int Resolution);

/// <summary>
/// GradAug: in each step the full network learns from the labels, and several of its smaller ones learn the full one's answer on resized
/// pictures; all gradients land on the shared weights. 2006.07989 §3, taoyang1122/GradAug@bae97ea train.py.
/// </summary>
/// <param name="MinimumWidth">In (0, 1): the width of one of the smaller networks; the others' lie between it and 1.</param>
/// <param name="Resolutions">The sides of the pictures that are drawn from, the full one among them.</param>
/// <param name="SubNetworks">n, the smaller networks of a step.</param>
public sealed record GradAugRegularizer(double MinimumWidth, IReadOnlyList<int> Resolutions, int SubNetworks = 3)
{
    /// <summary>The passes of one step, the widest first.</summary>
    public IReadOnlyList<SubNetworkPass> Draw(Random random)
    {
        if (!(MinimumWidth is > 0 and < 1))
            throw new InvalidOperationException($"GradAug: the smallest width lies between 0 and 1, not {MinimumWidth}");
        if (Resolutions.Count == 0 || SubNetworks < 1)
            throw new InvalidOperationException("GradAug: one resolution and one sub-network at least");
        double[] widths = [MinimumWidth,
            .. Enumerable.Range(1, SubNetworks - 1).Select(_ => MinimumWidth + ((1 - MinimumWidth) * random.NextDouble()))];
        return [.. widths.OrderDescending().Select(width => new SubNetworkPass(width, Resolutions[random.Next(Resolutions.Count)]))];
    }

    /// <summary>Leaves the gradients of one step on the network's parameters, pass by pass, so that only one pass's activations are
    /// held.</summary>
    /// <param name="network">In training mode; it ends at full width.</param>
    /// <param name="pictures"><c>(N, 3, H, W)</c></param>
    /// <param name="loss">Of the full network's logits, against labels or mixed labels.</param>
    /// <param name="passes">Of <see cref="Draw"/>.</param>
    /// <returns>The full network's loss, and each smaller one's.</returns>
    public static (double Full, IReadOnlyList<double> Sub) Accumulate<TNetwork>(TNetwork network, Tensor pictures,
        Func<Tensor, Tensor> loss, IReadOnlyList<SubNetworkPass> passes)
        where TNetwork : Module<Tensor, Tensor>, ISubNetworks => Accumulate(network, network, pictures, loss, passes, forward =>
        {
            var value = forward();
            double number = value.Item<double>();
            if (double.IsFinite(number)) value.Backward();
            return number;
        });

    /// <summary>
    /// The same with what is done with each pass's loss: its gradients are taken, and its value is given back. A loss of the full network
    /// that is no number ends it.
    /// </summary>
    internal static (double Full, IReadOnlyList<double> Sub) Accumulate(
        Module<Tensor, Tensor> network, ISubNetworks widths, Tensor pictures, Func<Tensor, Tensor> loss,
        IReadOnlyList<SubNetworkPass> passes, Func<Func<Tensor>, double> backward)
    {
        using var scope = new TensorScope();
        var losses = new List<double>(passes.Count);
        try
        {
            widths.Width = 1;
            Tensor? teacher = null;
            double full = backward(() =>
            {
                var logits = network.Call(pictures).Float();
                teacher = logits.Detach();
                return loss(logits);
            });
            foreach (var pass in passes)
            {
                if (!double.IsFinite(full)) break;
                using var inner = new TensorScope();
                widths.Width = pass.Width;
                losses.Add(backward(() => SoftLoss(network.Call(Resize(pictures, pass.Resolution)).Float(), teacher!)));
            }

            return (full, losses);
        }
        finally
        {
            widths.Width = 1;
        }
    }

    /// <summary>KL(full ‖ sub), summed over classes, the mean over the batch; the full network's answer is taken as given.
    /// <c>(N, classes), (N, classes) -> ()</c></summary>
    public static Tensor SoftLoss(Tensor sub, Tensor full)
    {
        using var scope = new TensorScope();
        var target = full.Detach().LogSoftmax(-1);
        return scope.Keep((target.Exp() * (target - sub.LogSoftmax(-1))).Sum([-1]).Mean());
    }

    /// <summary>Bilinear, corners on corners: <c>(N, 3, H, W) -> (N, 3, side, side)</c>.</summary>
    public static Tensor Resize(Tensor pictures, int side) =>
        pictures.Size(2) == side && pictures.Size(3) == side
        ? pictures : Functional.Interpolate(pictures, [side, side], Interpolation.Bilinear, alignCorners: true);
}
