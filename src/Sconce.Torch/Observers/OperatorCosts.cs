using System.Collections.Frozen;

namespace Sconce.Torch;

/// <summary>The work of one call.</summary>
internal readonly record struct Cost(long MultiplyAdds, long Elementwise = 0);

/// <summary>What an operator costs, from its arguments' shapes; the conventions stand at <see cref="FlopCounter"/>.</summary>
internal static class OperatorCosts
{
    private static readonly FrozenDictionary<string, Rule> Rules = Build().ToFrozenDictionary();

    internal delegate Cost Rule(in OperatorCall call);

    /// <summary><c>aten::relu_</c> -> <c>relu</c></summary>
    internal static string BaseName(string name) => name[(name.IndexOf("::", StringComparison.Ordinal) + 2)..].TrimEnd('_');

    internal static Rule? RuleFor(string name)
    {
        if (Rules.TryGetValue(name, out var rule)) return rule;
        return name.StartsWith("_foreach_", StringComparison.Ordinal) && Rules.ContainsKey(name["_foreach_".Length..])
            ? static (in call) => new Cost(0, ListElements(call.Arguments[0]))
            : null;
    }

    /// <summary>Elements of all results; of the first argument where an operator writes in place.</summary>
    internal static long ResultElements(in OperatorCall call)
    {
        if (call.Results.IsEmpty) return Elements(call.Arguments[0]);
        long sum = 0;
        foreach (var result in call.Results)
            sum += result.Kind == ValueKind.TensorList ? ListElements(result) : result.Kind == ValueKind.Tensor ? Elements(result) : 0;
        return sum;
    }

    /// <summary>Bytes of the results whose memory no argument has.</summary>
    internal static long NewBytes(in OperatorCall call)
    {
        long bytes = 0;
        foreach (var result in call.Results)
        {
            if (result.Kind is not (ValueKind.Tensor or ValueKind.TensorList)) continue;
            for (int k = 0; k < Items(result); k++)
            {
                nint address = OperatorCall.MemoryOf(result, k);
                bool view = false;
                foreach (var argument in call.Arguments)
                {
                    if (argument.Kind is not (ValueKind.Tensor or ValueKind.TensorList or ValueKind.OptionalTensorList)) continue;
                    for (int a = 0; a < Items(argument) && !view; a++) view = address != 0 && OperatorCall.MemoryOf(argument, a) == address;
                }

                if (!view) bytes += Product(OperatorCall.ShapeOf(result, k)) * (OperatorCall.DTypeOf(result, k)?.Size() ?? 0);
            }
        }

        return bytes;
    }

    private static IEnumerable<KeyValuePair<string, Rule>> Build()
    {
        var rules = new Dictionary<string, Rule>();
        foreach (string name in new[] { "conv1d", "conv2d", "conv3d", "mkldnn_convolution", "cudnn_convolution", "slow_conv3d",
            "thnn_conv2d", "_conv_depthwise2d" }) rules[name] = Convolution;
        foreach (string name in new[] { "conv_transpose1d", "conv_transpose2d", "conv_transpose3d" }) rules[name] = TransposedConvolution;
        rules["convolution"] = rules["_convolution"] = static (in call) => call.Arguments[6].ToBoolean()
            ? TransposedConvolution(call) : Convolution(call);

        rules["linear"] = static (in call) => new Cost(Elements(call.Arguments[0]) * Size(call.Arguments[1], 0, dimensions: 2));
        rules["mm"] = rules["bmm"] = static (in call) => new Cost(Elements(call.Arguments[0]) * Size(call.Arguments[1], -1));
        rules["addmm"] = rules["baddbmm"] = rules["addbmm"] = static (in call) =>
            new Cost(Elements(call.Arguments[1]) * Size(call.Arguments[2], -1));
        rules["matmul"] = rules["linalg_matmul"] = rules["dot"] = rules["vdot"] = rules["mv"] = rules["inner"] = static (in call) =>
            new Cost(ResultElements(call) * Size(call.Arguments[0], -1));
        rules["addmv"] = static (in call) => new Cost(Elements(call.Arguments[1]));
        rules["outer"] = rules["ger"] = rules["addr"] = static (in call) => new Cost(ResultElements(call));
        rules["bilinear"] = static (in call) => new Cost(ResultElements(call) * Elements(call.Arguments[2]) / Size(call.Arguments[2], 0));
        rules["cdist"] = rules["_euclidean_dist"] = static (in call) => new Cost(ResultElements(call) * Size(call.Arguments[0], -1));
        rules["einsum"] = static (in call) => new Cost(EinsumCost.MultiplyAdds(call));
        rules["scaled_dot_product_attention"] = rules["_scaled_dot_product_attention"] = Attention;
        foreach (string name in new[] { "lstm", "gru", "rnn_tanh", "rnn_relu" }) rules[name] = Recurrent;

        rules["batch_norm"] = rules["native_batch_norm"] = static (in call) =>
            new Cost(0, Elements(call.Arguments[0]) * (call.Arguments[5].ToBoolean() ? 4 + Affine(call, 1) : 1 + Affine(call, 1)));
        rules["instance_norm"] = static (in call) => new Cost(0, Elements(call.Arguments[0]) * (4 + Affine(call, 1)));
        rules["group_norm"] = rules["layer_norm"] = rules["native_layer_norm"] = static (in call) =>
            new Cost(0, Elements(call.Arguments[0]) * (4 + Affine(call, 2)));
        foreach (string name in new[] { "softmax", "log_softmax", "_softmax", "_log_softmax", "logsumexp" })
            rules[name] = static (in call) => new Cost(0, 5 * Elements(call.Arguments[0]));

        for (int dimensions = 1; dimensions <= 3; dimensions++)
        {
            int d = dimensions;
            foreach (string pool in new[] { "max_pool", "avg_pool" })
                rules[$"{pool}{d}d"] = rules[$"{pool}{d}d_with_indices"] = (in call) =>
                    new Cost(0, Elements(call.Results[0]) * Window(call.Arguments[1], d));
            foreach (string pool in new[] { "adaptive_avg_pool", "adaptive_max_pool" })
                rules[$"{pool}{d}d"] = static (in call) => new Cost(0, Elements(call.Arguments[0]));
            rules[$"upsample_nearest{d}d"] = rules[$"_upsample_nearest_exact{d}d"] = Elementwise;
        }

        foreach (var (name, scale) in new[]
            { ("upsample_linear1d", 2), ("upsample_bilinear2d", 4), ("_upsample_bilinear2d_aa", 4), ("upsample_trilinear3d", 8),
                ("upsample_bicubic2d", 16), ("_upsample_bicubic2d_aa", 16), ("grid_sampler", 4), ("grid_sampler_2d", 4),
                ("grid_sampler_3d", 8), ("addcmul", 2), ("addcdiv", 2), ("lerp", 2), ("glu", 1) })
        {
            rules[name] = (in call) => new Cost(0, ResultElements(call) * scale);
        }

        foreach (string name in ("sum mean prod var std var_mean std_mean norm linalg_vector_norm amax amin max min argmax argmin all any "
            + "cumsum cumprod nansum "
            + "mse_loss l1_loss smooth_l1_loss huber_loss binary_cross_entropy binary_cross_entropy_with_logits cross_entropy_loss "
            + "nll_loss kl_div cosine_similarity").Split(' '))
        {
            rules[name] = static (in call) => new Cost(0, Elements(call.Arguments[0]));
        }

        foreach (string name in ("relu relu6 leaky_relu prelu rrelu gelu silu mish hardswish hardsigmoid hardtanh elu selu celu softplus "
            + "softsign sigmoid log_sigmoid tanh hardshrink softshrink tanhshrink threshold "
            + "add sub rsub subtract mul multiply div divide true_divide floor_divide remainder fmod pow float_power sqrt rsqrt reciprocal "
            + "square neg negative abs absolute sign sgn floor ceil round trunc frac clamp clip clamp_min clamp_max maximum "
            + "minimum fmax fmin "
            + "exp exp2 expm1 log log2 log10 log1p logit xlogy sin cos tan asin acos atan atan2 sinh cosh asinh acosh atanh erf erfc "
            + "erfinv lgamma digamma sinc hypot "
            + "eq ne lt le gt ge logical_and logical_or logical_xor logical_not bitwise_and bitwise_or bitwise_xor bitwise_not where isnan "
            + "isinf isfinite nan_to_num dropout feature_dropout alpha_dropout bernoulli").Split(' '))
        {
            rules[name] = Elementwise;
        }

        foreach (string name in new[] { "fft", "ifft" })
            rules["fft_" + name] = static (in call) => new Cost(0, FourierTransform(call, 1, 5));
        foreach (string name in new[] { "rfft", "irfft", "hfft", "ihfft" })
            rules["fft_" + name] = static (in call) => new Cost(0, FourierTransform(call, 1, 2.5));
        foreach (string name in new[] { "fft2", "ifft2", "fftn", "ifftn" })
            rules["fft_" + name] = static (in call) => new Cost(0, FourierTransform(call, int.MaxValue, 5));
        foreach (string name in new[] { "rfft2", "irfft2", "hfft2", "ihfft2", "rfftn", "irfftn", "hfftn", "ihfftn" })
            rules["fft_" + name] = static (in call) => new Cost(0, FourierTransform(call, int.MaxValue, 2.5));
        return rules;
    }

    private static Cost Elementwise(in OperatorCall call) => new(0, ResultElements(call));

    /// <summary>Each element of the result is a sum over (in / groups) x window: weight (out, in / groups, …).</summary>
    private static Cost Convolution(in OperatorCall call) =>
        new(Elements(call.Results[0]) * (Elements(call.Arguments[1]) / Math.Max(1, Size(call.Arguments[1], 0))));

    /// <summary>Each element of the input spreads over (out / groups) x window: weight (in, out / groups, …).</summary>
    private static Cost TransposedConvolution(in OperatorCall call) =>
        new(Elements(call.Arguments[0]) * (Elements(call.Arguments[1]) / Math.Max(1, Size(call.Arguments[1], 0))));

    /// <summary>query (…, L, E), key (…, S, E), value (…, S, V): L S (E + V) a head, and a softmax over (L, S).</summary>
    private static Cost Attention(in OperatorCall call)
    {
        long width = Math.Max(1, Size(call.Arguments[0], -1));
        long scores = Elements(call.Arguments[0]) / width * Size(call.Arguments[1], -2);
        return new Cost(scores * (width + Size(call.Arguments[2], -1)), 5 * scores);
    }

    /// <summary>Every weight matrix once for each step of each sequence: input (…, features), weights in the third argument.</summary>
    private static Cost Recurrent(in OperatorCall call)
    {
        foreach (var weights in call.Arguments)
        {
            if (weights.Kind != ValueKind.TensorList || weights.Count < 2) continue;
            long matrices = 0;
            for (int k = 0; k < weights.Count; k++)
            {
                var shape = OperatorCall.ShapeOf(weights, k);
                if (shape.Length == 2) matrices += Product(shape);
            }

            if (matrices > 0) return new Cost(Elements(call.Arguments[0]) / Math.Max(1, Size(call.Arguments[0], -1)) * matrices);
        }

        return default;
    }

    private static long FourierTransform(in OperatorCall call, int dimensions, double scale)
    {
        var input = OperatorCall.ShapeOf(call.Arguments[0]);
        var output = OperatorCall.ShapeOf(call.Results[0]);
        var larger = Product(input) > Product(output) ? input : output;   // the real side of a real transform
        double length = 1;
        if (dimensions == 1) length = larger[Wrap(call.Arguments[2].ToInt64(), larger.Length)];
        else if (call.Arguments[2].ToInt64s() is { IsEmpty: false } chosen) foreach (long dimension in chosen)
            length *= larger[Wrap(dimension, larger.Length)];
        else foreach (long size in larger) length *= size;
        return length > 1 ? (long)(scale * Product(larger) * Math.Log2(length)) : 0;
    }

    private static int Wrap(long dimension, int dimensions) => (int)(dimension < 0 ? dimension + dimensions : dimension);

    private static int Affine(in OperatorCall call, int weight) => call.Arguments[weight].Kind == ValueKind.Tensor ? 1 : 0;

    private static long Window(Value kernel, int dimensions)
    {
        var sizes = kernel.ToInt64s();
        return sizes.Length == 1 ? (long)Math.Pow(sizes[0], dimensions) : Product(sizes);
    }

    private static int Items(Value value) => value.Kind == ValueKind.Tensor ? 1 : value.Count;

    private static long ListElements(Value list)
    {
        long sum = 0;
        for (int k = 0; k < Items(list); k++) sum += Product(OperatorCall.ShapeOf(list, k));
        return sum;
    }

    private static long Elements(Value tensor) => tensor.Kind == ValueKind.Tensor ? Product(OperatorCall.ShapeOf(tensor)) : 0;

    /// <summary>One size; 1 where the tensor has fewer than <paramref name="dimensions"/> dimensions.</summary>
    private static long Size(Value tensor, int dimension, int dimensions = 1)
    {
        var shape = OperatorCall.ShapeOf(tensor);
        return shape.Length < dimensions ? 1 : shape[Wrap(dimension, shape.Length)];
    }

    private static long Product(ReadOnlySpan<long> sizes)
    {
        long product = 1;
        foreach (long size in sizes) product *= size;
        return product;
    }
}
