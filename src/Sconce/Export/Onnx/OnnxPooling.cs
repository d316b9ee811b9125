using Sconce.Torch;

namespace Sconce.Export.Onnx;

/// <summary>Pooling, resampling, padding, and what moves pixels about.</summary>
internal static class OnnxPooling
{
    public static IEnumerable<KeyValuePair<string, Action<OnnxCall>>> Table { get; } = new Dictionary<string, Action<OnnxCall>>
    {
        ["aten::max_pool1d"] = MaxPool,
        ["aten::max_pool2d"] = MaxPool,
        ["aten::max_pool3d"] = MaxPool,
        ["aten::avg_pool1d"] = AveragePool,
        ["aten::avg_pool2d"] = AveragePool,
        ["aten::avg_pool3d"] = AveragePool,
        ["aten::adaptive_avg_pool1d"] = AdaptiveAverage,
        ["aten::adaptive_avg_pool2d"] = AdaptiveAverage,
        ["aten::adaptive_avg_pool3d"] = AdaptiveAverage,
        ["aten::upsample_nearest1d"] = call => Resize(call, "nearest", false, 2),
        ["aten::upsample_nearest2d"] = call => Resize(call, "nearest", false, 2),
        ["aten::upsample_nearest3d"] = call => Resize(call, "nearest", false, 2),
        ["aten::_upsample_nearest_exact1d"] = call => Resize(call, "exact", false, 2),
        ["aten::_upsample_nearest_exact2d"] = call => Resize(call, "exact", false, 2),
        ["aten::upsample_linear1d"] = call => Resize(call, "linear", call.Bool(2), 3),
        ["aten::upsample_bilinear2d"] = call => Resize(call, "linear", call.Bool(2), 3),
        ["aten::upsample_trilinear3d"] = call => Resize(call, "linear", call.Bool(2), 3),
        ["aten::upsample_bicubic2d"] = call => Resize(call, "cubic", call.Bool(2), 3),
        ["aten::pixel_shuffle"] = call =>
            call.Return(call.Add("DepthToSpace", [call.Tensor(0).Name], ("blocksize", call.Int(1)), ("mode", "CRD"))),
        ["aten::grid_sampler"] = GridSample,
        ["aten::grid_sampler_2d"] = GridSample,
        ["aten::pad"] = call => Pad(call, call.Text(2)),
        ["aten::constant_pad_nd"] = call => Pad(call, "constant", 2),
        ["aten::reflection_pad1d"] = call => Pad(call, "reflect"),
        ["aten::reflection_pad2d"] = call => Pad(call, "reflect"),
        ["aten::replication_pad1d"] = call => Pad(call, "replicate"),
        ["aten::replication_pad2d"] = call => Pad(call, "replicate"),
        ["aten::im2col"] = Unfold,
    };

    // (x, kernel, stride, padding, dilation, ceiling)
    private static void MaxPool(OnnxCall call)
    {
        var (kernel, stride, padding, dimensions) = Window(call);
        long[] dilation = Each(call.Ints(4), dimensions);
        bool ceiling = call.Bool(5) && Rounds(call, kernel, stride, padding, dilation);
        call.Return(call.Add("MaxPool", [call.Tensor(0).Name], ("kernel_shape", kernel), ("strides", stride),
            ("pads", padding.Concat(padding)), ("dilations", dilation), ("ceil_mode", ceiling)));
    }

    // (x, kernel, stride, padding, ceiling, counts padding, divisor)
    private static void AveragePool(OnnxCall call)
    {
        var (kernel, stride, padding, dimensions) = Window(call);
        if (call.Has(6)) throw call.Fault("a divisor of its own");
        bool ceiling = call.Bool(4) && Rounds(call, kernel, stride, padding, [.. Enumerable.Repeat(1L, dimensions)]);
        bool counts = call.Bool(5) && padding.Any(pad => pad > 0);
        if (ceiling && counts) throw call.Fault("windows over the edge that count padding");
        call.Return(call.Add("AveragePool", [call.Tensor(0).Name], ("kernel_shape", kernel), ("strides", stride),
            ("pads", padding.Concat(padding)), ("count_include_pad", counts), ("ceil_mode", ceiling)));
    }

    private static (long[] Kernel, long[] Stride, long[] Padding, int Dimensions) Window(OnnxCall call)
    {
        int dimensions = call.Kind[^2] - '0';
        long[] kernel = Each(call.Ints(1), dimensions);
        long[] stride = call.Ints(2) is { Length: > 0 } own ? Each(own, dimensions) : kernel;
        return (kernel, stride, Each(call.Ints(3), dimensions), dimensions);
    }

    // Whether rounding up makes a difference for the sizes of this graph.
    private static bool Rounds(OnnxCall call, long[] kernel, long[] stride, long[] padding, long[] dilation)
    {
        var sizes = call.Tensor(0).Sizes;
        for (int k = 0; k < kernel.Length; k++)
        {
            long size = sizes[sizes.Count - kernel.Length + k];
            if ((size + (2 * padding[k]) - (dilation[k] * (kernel[k] - 1)) - 1) % stride[k] != 0) return true;
        }

        return false;
    }

    private static long[] Each(long[] numbers, int dimensions) =>
        numbers.Length == 1 ? [.. Enumerable.Repeat(numbers[0], dimensions)] : numbers;

    private static void AdaptiveAverage(OnnxCall call)
    {
        var x = call.Tensor(0);
        int dimensions = call.Kind[^2] - '0';
        long[] sizes = [.. call.Ints(1)];
        string result = x.Name;
        if (sizes.All(size => size == 1))
        {
            call.Return(call.Add("GlobalAveragePool", [result]));
            return;
        }

        long[] from = [.. x.Sizes.Skip(x.Rank - dimensions)];
        if (from.Zip(sizes).All(pair => pair.First % pair.Second == 0))
        {
            long[] kernel = [.. from.Zip(sizes, (size, wanted) => size / wanted)];
            call.Return(call.Add("AveragePool", [result], ("kernel_shape", kernel), ("strides", kernel)));
            return;
        }

        if (dimensions != 2) throw call.Fault($"{dimensions} dimensions that do not divide");
        // Windows of unlike widths are a matrix of means on each side.
        result = call.Add("MatMul", [Means(call, from[0], sizes[0], transposed: false), result]);
        call.Return(call.Add("MatMul", [result, Means(call, from[1], sizes[1], transposed: true)]));
    }

    private static string Means(OnnxCall call, long from, long to, bool transposed)
    {
        float[] means = new float[from * to];
        for (long k = 0; k < to; k++)
        {
            long first = k * from / to, last = (((k + 1) * from) + to - 1) / to;
            for (long at = first; at < last; at++) means[transposed ? (at * to) + k : (k * from) + at] = 1f / (last - first);
        }

        using var scope = new TensorScope();
        return call.Onnx.Constant(Tensor.From(means, transposed ? [from, to] : [to, from]));
    }

    // (x, size, [corners,] scales…): scales that were given place the samples, else the sizes do.
    private static void Resize(OnnxCall call, string mode, bool corners, int firstScale)
    {
        var x = call.Tensor(0);
        var wanted = call.ResultSizes.Skip(2).ToArray();
        List<double> scales = [];
        for (int k = firstScale; k < call.Count; k++)
        {
            if (call.Argument(k) is double[] list) scales.AddRange(list);
            else if (call.Has(k)) scales.Add(call.Real(k));
        }

        string placed = corners ? "align_corners" : mode == "nearest" ? "asymmetric" : "half_pixel";
        (string, object)[] attributes =
        [
            ("mode", mode == "exact" ? "nearest" : mode), ("coordinate_transformation_mode", placed),
            .. mode switch
            {
                "nearest" => [("nearest_mode", (object)"floor")],
                "exact" => [("nearest_mode", "round_prefer_ceil")],
                "cubic" => [("cubic_coeff_a", -0.75)],
                _ => Array.Empty<(string, object)>(),
            },
        ];
        bool byScale = scales.Count == wanted.Length && !corners
            && Enumerable.Range(0, wanted.Length).All(k => (long)Math.Floor(x.Sizes[k + 2] * scales[k]) == wanted[k]);
        if (byScale)
        {
            using var scope = new TensorScope();
            string factors = call.Onnx.Constant(Tensor.From((float[])[1, 1, .. scales.Select(scale => (float)scale)]), "scales");
            call.Return(call.Add("Resize", [x.Name, "", factors], attributes));
            return;
        }

        string batch = call.Add("Shape", [x.Name], ("start", 0), ("end", 2));
        call.Return(call.Add("Resize", [x.Name, "", "", call.Add("Concat", [batch, call.Onnx.Ints(wanted)], ("axis", 0))], attributes));
    }

    // (x, grid, interpolation, padding, corners), both choices by number.
    private static void GridSample(OnnxCall call)
    {
        string mode = call.Int(2) switch { 0 => "bilinear", 1 => "nearest", _ => "bicubic" };
        string padding = call.Int(3) switch { 0 => "zeros", 1 => "border", _ => "reflection" };
        call.Return(call.Add("GridSample", [call.Tensor(0).Name, call.Tensor(1).Name], ("mode", mode), ("padding_mode", padding),
            ("align_corners", call.Bool(4))));
    }

    // libtorch: before and after the last dimension, then of the one before it; ONNX: before all, then after all.
    private static void Pad(OnnxCall call, string mode, int value = 3)
    {
        var x = call.Tensor(0);
        long[] given = call.Ints(1), pads = new long[2 * x.Rank];
        for (int k = 0; k < given.Length / 2; k++)
        {
            pads[x.Rank - 1 - k] = given[2 * k];
            pads[(2 * x.Rank) - 1 - k] = given[(2 * k) + 1];
        }

        string kind = mode switch
        {
            "constant" => "constant",
            "reflect" => "reflect",
            "replicate" => "edge",
            _ =>
            throw call.Fault($"padding '{mode}'")
        };
        IEnumerable<string> inputs = [x.Name, call.Onnx.Ints(pads)];
        if (kind == "constant") inputs = inputs.Append(call.Onnx.Scalar(call.Has(value) ? call.Real(value) : 0, x.Type));
        call.Return(call.Add("Pad", inputs, ("mode", kind)));
    }

    // (x, kernel, dilation, padding, stride): rows and columns of every window picked by number, then put in order.
    private static void Unfold(OnnxCall call)
    {
        var x = call.Tensor(0);
        long[] kernel = Each(call.Ints(1), 2), dilation = Each(call.Ints(2), 2), padding = Each(call.Ints(3), 2),
            stride = Each(call.Ints(4), 2);
        string result = x.Name;
        if (padding.Any(pad => pad > 0))
            result = call.Add("Pad", [result, call.Onnx.Ints(0, 0, padding[0], padding[1], 0, 0, padding[0], padding[1]),
                call.Onnx.Scalar(0, x.Type)]);
        result = call.Add("Gather", [result, Positions(0)], ("axis", 2));    // (N, C, kernel rows, rows, W)
        result = call.Add("Gather", [result, Positions(1)], ("axis", 4));    // (N, C, kernel rows, rows, kernel columns, columns)
        result = call.Add("Transpose", [result], ("perm", (IEnumerable<long>)[0, 1, 2, 4, 3, 5]));
        call.Return(call.Add("Reshape", [result, call.Onnx.Ints(0, x.Sizes[1] * kernel[0] * kernel[1], call.ResultSizes[^1])]));

        string Positions(int side)
        {
            long count = ((x.Sizes[2 + side] + (2 * padding[side]) - (dilation[side] * (kernel[side] - 1)) - 1) / stride[side]) + 1;
            long[] at = [.. from offset in Enumerable.Range(0, (int)kernel[side]) from step in Enumerable.Range(0,
                (int)count) select (offset * dilation[side]) + (step * stride[side])];
            using var scope = new TensorScope();
            return call.Onnx.Constant(Tensor.From(at, [kernel[side], count]), "positions");
        }
    }
}
