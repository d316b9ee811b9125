namespace Sconce.Systems.Tools.TreesVsNetworks;

/// <summary>What trees answer.</summary>
public enum TreeTarget
{
    /// <summary>A number; squared error.</summary>
    Number,

    /// <summary>One of two classes; log loss.</summary>
    TwoClasses,

    /// <summary>One of several classes; log loss of a softmax, a tree a class and round.</summary>
    Classes,
}

/// <summary>
/// A loss with its derivatives at raw predictions; scikit-learn 1.2.1 _loss. Predictions stand row by row, <see cref="Outputs"/> a row.
/// </summary>
internal abstract class TreeLoss(int outputs)
{
    internal int Outputs => outputs;

    /// <summary>Whether every second derivative is 1.</summary>
    internal virtual bool ConstantHessian => false;

    internal static TreeLoss Of(TreeTarget target, int classes) => target switch
    {
        TreeTarget.Number => new SquaredError(),
        TreeTarget.TwoClasses => new TwoClassLoss(),
        _ => new SoftmaxLoss(classes),
    };

    /// <summary>The constant that every prediction begins with.</summary>
    internal abstract double[] Baseline(ReadOnlySpan<double> targets);

    /// <summary>Derivatives by one output.</summary>
    internal abstract void Derive(ReadOnlySpan<double> raw, ReadOnlySpan<double> targets, int output, Span<Gradient> gradients);

    /// <summary>The mean over rows.</summary>
    internal abstract double Mean(ReadOnlySpan<double> raw, ReadOnlySpan<double> targets);

    private sealed class SquaredError() : TreeLoss(1)
    {
        internal override bool ConstantHessian => true;

        internal override double[] Baseline(ReadOnlySpan<double> targets)
        {
            double sum = 0;
            foreach (double target in targets) sum += target;
            return [sum / targets.Length];
        }

        internal override void Derive(ReadOnlySpan<double> raw, ReadOnlySpan<double> targets, int output, Span<Gradient> gradients)
        {
            for (int row = 0; row < targets.Length; row++) gradients[row] = new Gradient((float)(raw[row] - targets[row]), 1);
        }

        internal override double Mean(ReadOnlySpan<double> raw, ReadOnlySpan<double> targets)
        {
            double sum = 0;
            for (int row = 0; row < targets.Length; row++) sum += (raw[row] - targets[row]) * (raw[row] - targets[row]);
            return sum / targets.Length;
        }
    }

    private sealed class TwoClassLoss() : TreeLoss(1)
    {
        internal override double[] Baseline(ReadOnlySpan<double> targets)
        {
            double ones = 0;
            foreach (double target in targets) ones += target;
            double share = Math.Clamp(ones / targets.Length, 1e-12, 1 - 1e-12);
            return [Math.Log(share / (1 - share))];
        }

        internal override void Derive(ReadOnlySpan<double> raw, ReadOnlySpan<double> targets, int output, Span<Gradient> gradients)
        {
            for (int row = 0; row < targets.Length; row++)
            {
                double share = 1 / (1 + Math.Exp(-raw[row]));
                gradients[row] = new Gradient((float)(share - targets[row]), (float)(share * (1 - share)));
            }
        }

        internal override double Mean(ReadOnlySpan<double> raw, ReadOnlySpan<double> targets)
        {
            double sum = 0;
            for (int row = 0; row < targets.Length; row++)
            {
                double margin = targets[row] > 0.5 ? -raw[row] : raw[row];
                sum += margin > 30 ? margin : Math.Log(1 + Math.Exp(margin));
            }

            return sum / targets.Length;
        }
    }

    private sealed class SoftmaxLoss(int classes) : TreeLoss(classes)
    {
        internal override double[] Baseline(ReadOnlySpan<double> targets)
        {
            var shares = new double[Outputs];
            foreach (double target in targets) shares[(int)target]++;
            for (int k = 0; k < shares.Length; k++) shares[k] = Math.Log(Math.Max(shares[k] / targets.Length, 1e-12));
            double mean = shares.Average();
            return [.. shares.Select(share => share - mean)];
        }

        internal override void Derive(ReadOnlySpan<double> raw, ReadOnlySpan<double> targets, int output, Span<Gradient> gradients)
        {
            for (int row = 0; row < targets.Length; row++)
            {
                var own = raw.Slice(row * Outputs, Outputs);
                double share = Math.Exp(own[output] - LogSum(own));
                gradients[row] = new Gradient((float)(share - (targets[row] == output ? 1 : 0)), (float)(share * (1 - share)));
            }
        }

        internal override double Mean(ReadOnlySpan<double> raw, ReadOnlySpan<double> targets)
        {
            double sum = 0;
            for (int row = 0; row < targets.Length; row++)
            {
                var own = raw.Slice(row * Outputs, Outputs);
                sum += LogSum(own) - own[(int)targets[row]];
            }

            return sum / targets.Length;
        }

        private static double LogSum(ReadOnlySpan<double> raw)
        {
            double most = double.NegativeInfinity, sum = 0;
            foreach (double value in raw) most = Math.Max(most, value);
            foreach (double value in raw) sum += Math.Exp(value - most);
            return most + Math.Log(sum);
        }
    }
}
