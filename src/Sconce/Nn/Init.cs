using Sconce.Torch;

namespace Sconce.Nn;

/// <summary>Which side of a weight <see cref="Init.KaimingNormal"/> keeps the variance of.</summary>
public enum FanMode
{
    /// <summary>Inputs: the forward pass keeps its variance.</summary>
    In,

    /// <summary>Outputs: the backward pass does.</summary>
    Out,
}

/// <summary>Initialisers (<c>torch.nn.init</c>): each fills a tensor in place and gives it back.</summary>
public static class Init
{
    [ThreadStatic]
    private static int skipping;

    /// <summary>Leaves weights unset until the result is disposed: for networks whose weights are loaded next. Everything else is computed
    /// as ever.</summary>
    public static IDisposable Skipped() => new Skip();

    /// <summary>Normal numbers.</summary>
    public static T Normal<T>(T tensor, double std = 1, double mean = 0)
        where T : Tensor => Fill(tensor, t => t.NormalInPlace(mean, std));

    /// <summary>Uniform numbers.</summary>
    public static T Uniform<T>(T tensor, double low = 0, double high = 1)
        where T : Tensor => Fill(tensor, t => t.UniformInPlace(low, high));

    /// <summary>One number everywhere.</summary>
    public static T Constant<T>(T tensor, double value)
        where T : Tensor => Fill(tensor, t => t.FillInPlace(value));

    /// <summary>Normal numbers cut at absolute bounds, as <c>trunc_normal_</c> does it: by inverting the distribution.</summary>
    public static T TruncatedNormal<T>(T tensor, double std = 1, double mean = 0, double low = -2, double high = 2)
        where T : Tensor => Fill(tensor, t =>
        {
            double a = Cdf((low - mean) / std), b = Cdf((high - mean) / std);
            t.UniformInPlace((2 * a) - 1, (2 * b) - 1).ErfinvInPlace().MulInPlace(std * Math.Sqrt(2)).AddInPlace(mean)
                .ClampInPlace(low, high);
        });

    /// <summary>He's uniform numbers; with <paramref name="a"/> = √5 the default of PyTorch's linear and convolutional layers.</summary>
    public static T KaimingUniform<T>(T tensor, double a = 0, FanMode mode = FanMode.In)
        where T : Tensor
    {
        double bound = Math.Sqrt(2 / (1 + (a * a))) * Math.Sqrt(3.0 / Fan(tensor, mode));
        return Uniform(tensor, -bound, bound);
    }

    /// <summary>He's normal numbers.</summary>
    public static T KaimingNormal<T>(T tensor, double a = 0, FanMode mode = FanMode.In)
        where T : Tensor => Normal(tensor, Math.Sqrt(2 / (1 + (a * a))) / Math.Sqrt(Fan(tensor, mode)));

    /// <summary>Glorot's uniform numbers.</summary>
    public static T XavierUniform<T>(T tensor, double gain = 1)
        where T : Tensor
    {
        double bound = gain * Math.Sqrt(6.0 / (Fan(tensor, FanMode.In) + Fan(tensor, FanMode.Out)));
        return Uniform(tensor, -bound, bound);
    }

    /// <summary>Glorot's normal numbers.</summary>
    public static T XavierNormal<T>(T tensor, double gain = 1)
        where T : Tensor => Normal(tensor, gain * Math.Sqrt(2.0 / (Fan(tensor, FanMode.In) + Fan(tensor, FanMode.Out))));

    /// <summary>Lecun's normal numbers: variance 1 / fan-in.</summary>
    public static T LecunNormal<T>(T tensor)
        where T : Tensor => Normal(tensor, Math.Sqrt(1.0 / Fan(tensor, FanMode.In)));

    /// <summary>Rows (or columns, whichever are fewer) that are orthonormal, times <paramref name="gain"/>.</summary>
    public static T Orthogonal<T>(T tensor, double gain = 1)
        where T : Tensor => Fill(tensor, t =>
        {
            long rows = t.Size(0), columns = t.Elements / rows;
            var normal = Tensor.Randn([Math.Max(rows, columns), Math.Min(rows, columns)]);
            var (q, r) = Functional.LinalgQr(normal);
            q = q * r.Diagonal().Sign();
            t.ViewAs(t).CopyInPlace((rows < columns ? q.T() : q).Reshape(t.Shape) * gain);
        });

    /// <summary>How many numbers one output sums (In), or one input reaches (Out): width times kernel area.</summary>
    public static long Fan(Tensor tensor, FanMode mode)
    {
        if (tensor.Dimensions < 2)
            throw new ArgumentException($"a fan needs two dimensions, not the shape [{string.Join(", ", tensor.Shape.ToArray())}]");
        long area = 1;
        foreach (long size in tensor.Shape[2..]) area *= size;
        return tensor.Shape[mode == FanMode.In ? 1 : 0] * area;
    }

    private static T Fill<T>(T tensor, Action<Tensor> fill)
        where T : Tensor
    {
        if (skipping > 0) return tensor;
        using var scope = new TensorScope();
        using var noGrad = Gradients.Off();
        fill(tensor);
        return tensor;
    }

    private static double Cdf(double x) => (1 + Erf(x / Math.Sqrt(2))) / 2;

    private static double Erf(double x)
    {
        using var scope = new TensorScope();
        return Tensor.FromScalar(x).Erf().Item<double>();
    }

    private sealed class Skip : IDisposable
    {
        private bool disposed;

        internal Skip() => skipping++;

        public void Dispose()
        {
            if (disposed) return;
            disposed = true;
            skipping--;
        }
    }
}
