using Sconce.Torch;

namespace Sconce.Tests.Compilation;

/// <summary>
/// A network of random steps over pictures, the same for the same seed: convolutions of every geometry, norms, activations alone and in
/// pairs, sums, gates, shuffles, attention, pools, and changes in place.
/// </summary>
internal sealed class RandomNetwork
{
    private static readonly int[] Widths = [1, 2, 3, 4, 7, 8, 12, 16, 24, 32, 33, 40, 48];
    private readonly List<Func<List<Tensor>, Tensor>> steps = [];
    private readonly List<long[]> shapes = [];
    private readonly List<string> words = [];
    private readonly Random random;

    /// <param name="seed">Which network.</param>
    internal RandomNetwork(int seed)
    {
        random = new Random(seed);
        bool small = random.Next(4) == 0;
        Shape = [random.Next(1, 4), Widths[random.Next(Widths.Length)], random.Next(1, small ? 6 : 34), random.Next(1, small ? 6 : 34)];
        shapes.Add(Shape);
        int wanted = random.Next(2, 11);
        for (int k = 0; k < 100 && steps.Count < wanted; k++) AddStep();
    }

    /// <summary>The shape that it takes: (N, C, H, W).</summary>
    internal long[] Shape { get; }

    /// <summary>What it does.</summary>
    public override string ToString() => $"{string.Join("x", Shape)}: {string.Join(" | ", words)}";

    internal Tensor Call(Tensor x)
    {
        List<Tensor> values = [x];
        foreach (var step in steps) values.Add(step(values));
        return values[^1];
    }

    private void AddStep()
    {
        int at = random.Next(3) == 0 ? random.Next(shapes.Count) : shapes.Count - 1;
        switch (random.Next(12))
        {
            case 0 or 1 or 2: Convolve(at); break;
            case 3 or 4: Activate(at); break;
            case 5: Combine(at); break;
            case 6: Gate(at); break;
            case 7: Reorder(at); break;
            case 8: Resize(at); break;
            case 9: Attend(at); break;
            case 10: Change(at); break;
            default: Normalise(at); break;
        }
    }

    private void Add(string word, long[] shape, Func<List<Tensor>, Tensor> step)
    {
        words.Add(word);
        shapes.Add(shape);
        steps.Add(step);
    }

    private void Convolve(int at)
    {
        long[] s = shapes[at];
        long inputs = s[1], outputs = Widths[random.Next(Widths.Length)], groups = 1;
        if (random.Next(3) == 0)
        {
            long[] divisors = [.. Enumerable.Range(1, (int)inputs).Where(k => inputs % k == 0).Select(k => (long)k)];
            groups = divisors[random.Next(divisors.Length)];
            outputs = groups * Math.Max(1, outputs / groups);
        }

        long[] window = random.Next(3) switch { 0 => [1, 1], 1 => [3, 3], _ => [random.Next(1, 6), random.Next(1, 6)] };
        long[] stride = random.Next(2) == 0 ? [1, 1] : [random.Next(1, 4), random.Next(1, 4)];
        long[] dilation = random.Next(3) > 0 ? [1, 1] : [random.Next(1, 3), random.Next(1, 3)];
        long[] around = random.Next(2) == 0 ? [window[0] / 2 * dilation[0], window[1] / 2 * dilation[1]]
            : [random.Next(0, 4), random.Next(0, 4)];
        long rows = s[2] + (2 * around[0]) - (dilation[0] * (window[0] - 1)) - 1, columns =
            s[3] + (2 * around[1]) - (dilation[1] * (window[1] - 1)) - 1;
        if (rows < 0 || columns < 0) return;
        long[] result = [s[0], outputs, (rows / stride[0]) + 1, (columns / stride[1]) + 1];
        long work = result[0] * outputs * result[2] * result[3] * (inputs / groups) * window[0] * window[1];
        if (work > 30_000_000) return;
        var weight = Tensor.Randn([outputs, inputs / groups, window[0],
            window[1]]) / Math.Sqrt((double)(inputs / groups) * window[0] * window[1]);
        var bias = random.Next(2) == 0 ? Tensor.Randn([outputs]) : null;
        string geometry = string.Join(", ", new[] { window, stride, dilation, around }.Select(pair => $"{pair[0]}x{pair[1]}"));
        Add($"{at}: convolution {inputs}->{outputs} in {groups} groups, {geometry}", result,
            v => Functional.Conv2d(v[at], weight, bias, stride, around, dilation, groups));
        for (int k = random.Next(3); k > 0; k--) Activate(shapes.Count - 1);
    }

    private void Activate(int at)
    {
        int kind = random.Next(17);
        double number = Math.Round((random.NextDouble() * 4) - 2, 2);
        Add($"{at}: function {kind} ({number})", shapes[at], v => kind switch
        {
            0 => v[at].Relu(),
            1 => v[at].Relu6(),
            2 => v[at].Silu(),
            3 => v[at].Gelu(),
            4 => v[at].Gelu("tanh"),
            5 => v[at].Sigmoid(),
            6 => v[at].Tanh(),
            7 => v[at].Hardswish(),
            8 => v[at].Hardsigmoid(),
            9 => v[at].LeakyRelu(0.2),
            10 => v[at].Elu(0.7),
            11 => v[at].Clamp(-Math.Abs(number), 0.7),
            12 => v[at] * number,
            13 => v[at] + number,
            14 => v[at] - number,
            15 => v[at] / 3.0,
            _ => number - v[at],
        });
    }

    private void Combine(int at)
    {
        int[] fitting = [.. Enumerable.Range(0, shapes.Count).Where(k => shapes[k].SequenceEqual(shapes[at]))];
        int other = fitting[random.Next(fitting.Length)], kind = random.Next(6);
        Add($"{at}, {other}: combination {kind}", shapes[at], v => kind switch
        {
            0 or 1 => v[at] + v[other],
            2 => v[at] - v[other],
            3 => v[at] * v[other].Tanh(),
            4 => v[at].Maximum(v[other]),
            _ => v[at].Minimum(v[other]),
        });
    }

    private void Gate(int at)
    {
        long[] s = shapes[at];
        var weight = Tensor.Randn([s[1], s[1], 1, 1]) / Math.Sqrt(s[1]);
        Tensor map = Tensor.Randn([1, 1, s[2], s[3]]), row = Tensor.Randn([s[3]]);
        int kind = random.Next(5);
        Add($"{at}: gate {kind}", s, v =>
        {
            var gate = Functional.Conv2d(v[at].Mean([2, 3], keepdim: true), weight, null, [1, 1], [0, 0], [1, 1], 1);
            return kind switch
            {
                0 => v[at] * gate.Sigmoid(),
                1 => (gate.Hardsigmoid() * v[at]) + v[at],
                2 => (v[at] * (gate + 1.0)) - v[at].Amax([2, 3], keepdim: true),
                3 => (v[at] * map) + v[at],
                _ => (v[at] + row).Relu(),
            };
        });
    }

    private void Reorder(int at)
    {
        long[] s = shapes[at];
        int[] divisors = [.. Enumerable.Range(1, (int)s[1]).Where(k => s[1] % k == 0)];
        long groups = divisors[random.Next(divisors.Length)], first = random.Next((int)s[1]), count =
            random.Next(1, (int)(s[1] - first) + 1);
        switch (random.Next(3))
        {
            case 0:
                Add($"{at}: shuffle {groups}", s, v => v[at].Reshape([s[0], groups, s[1] / groups, s[2], s[3]]).Transpose(1,
                2).Reshape(s)); break;
            case 1: Add($"{at}: channels {first}+{count}", [s[0], count, s[2], s[3]], v => v[at].Narrow(1, first, count)); break;
            default: Add($"{at}: turned", [s[0], s[1], s[3], s[2]], v => v[at].Transpose(2, 3)); break;
        }
    }

    private void Resize(int at)
    {
        long[] s = shapes[at];
        if (random.Next(2) == 0)
        {
            long left = random.Next(3), top = random.Next(3);
            Add($"{at}: zeros {left}, {top}", [s[0], s[1], s[2] + top, s[3] + left + 1], v => v[at].ConstantPadNd([left, 1, top, 0], 0));
        }
        else if (s[2] >= 3 && s[3] >= 3)
        {
            bool largest = random.Next(2) == 0;
            Add($"{at}: pool", [s[0], s[1], ((s[2] - 1) / 2) + 1, ((s[3] - 1) / 2) + 1],
                v => largest ? v[at].MaxPool2d([3, 3], [2, 2], [1, 1], [1, 1], false)
                    : v[at].AvgPool2d([3, 3], [2, 2], [1, 1], false, true));
        }
    }

    private void Attend(int at)
    {
        long[] s = shapes[at];
        long tokens = s[2] * s[3], heads = s[1] % 2 == 0 ? 2 : 1;
        if (tokens > 200) return;
        var weight = Tensor.Randn([3 * s[1], s[1]]) / Math.Sqrt(s[1]);
        Add($"{at}: attention {heads}", s, v =>
        {
            var parts = Functional.Linear(v[at].Flatten(2).Transpose(1, 2),
                weight).Reshape([s[0], tokens, 3, heads, s[1] / heads]).Permute([2, 0, 3, 1, 4]);
            var seen = (parts[0].Matmul(parts[1].Transpose(-2, -1)) * 0.3).Softmax(-1).Matmul(parts[2]);
            return seen.Transpose(1, 2).Reshape([s[0], tokens, s[1]]).Transpose(1, 2).Reshape(s);
        });
    }

    // On a copy: a network may not change its input.
    private void Change(int at)
    {
        int kind = random.Next(6);
        Add($"{at}: change {kind}", shapes[at], v =>
        {
            var x = v[at] + 0.25;
            switch (kind)
            {
                case 0: return x.MulInPlace(0.5);
                case 1: x.ReluInPlace(); return (x * 2.0) + v[at];
                case 2: var before = x * 1.5; x.AddInPlace(v[at]); return before + x;
                case 3: var plus = x + 1.0; x.Narrow(1, 0, 1).MulInPlace(0.3); return x * plus;
                case 4: var tanh = x.Tanh(); x.Narrow(2, 0, 1).FillInPlace(0.7); return x - tanh;
                default: x.AddInPlace(x); return x.Sigmoid();
            }
        });
    }

    private void Normalise(int at)
    {
        long[] s = shapes[at];
        Tensor scale = Tensor.Randn([s[1]]), shift = Tensor.Randn([s[1]]), mean = Tensor.Randn([s[1]]), variance =
            Tensor.Rand([s[1]]) + 0.5;
        bool batch = random.Next(2) == 0;
        Add($"{at}: {(batch ? "batch" : "layer")} norm", s, v => batch
            ? Functional.BatchNorm(v[at], scale, shift, mean, variance, false, 0.1, 1e-5, true)
            : Functional.LayerNorm(v[at].Permute([0, 2, 3, 1]), [s[1]], scale, shift, 1e-2).Permute([0, 3, 1, 2]));
    }
}
