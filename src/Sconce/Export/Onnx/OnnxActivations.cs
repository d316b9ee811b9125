namespace Sconce.Export.Onnx;

/// <summary>Activations. Those that opset 17 lacks (SiLU, GELU, Mish) are written out.</summary>
internal static class OnnxActivations
{
    public static IEnumerable<KeyValuePair<string, Action<OnnxCall>>> Table { get; } = new Dictionary<string, Action<OnnxCall>>
    {
        ["aten::relu"] = call => OnnxArithmetic.Unary(call, "Relu"),
        ["aten::relu6"] = call => Clip(call, 0, 6),
        ["aten::hardtanh"] = call => Clip(call, call.Real(1), call.Real(2)),
        ["aten::sigmoid"] = call => OnnxArithmetic.Unary(call, "Sigmoid"),
        ["aten::tanh"] = call => OnnxArithmetic.Unary(call, "Tanh"),
        ["aten::silu"] = call => call.Return(call.Add("Mul", [X(call), call.Add("Sigmoid", [X(call)])])),
        ["aten::gelu"] = Gelu,
        ["aten::hardswish"] = call => OnnxArithmetic.Unary(call, "HardSwish"),
        ["aten::hardsigmoid"] = call => call.Return(call.Add("HardSigmoid", [X(call)], ("alpha", 1 / 6.0), ("beta", 0.5))),
        ["aten::leaky_relu"] = call => call.Return(call.Add("LeakyRelu", [X(call)], ("alpha", call.Has(1) ? call.Real(1) : 0.01))),
        ["aten::elu"] = Elu,
        ["aten::selu"] = call => OnnxArithmetic.Unary(call, "Selu"),
        ["aten::celu"] = call => call.Return(call.Add("Celu", [X(call)], ("alpha", call.Real(1)))),
        ["aten::softplus"] = Softplus,
        ["aten::mish"] = call => call.Return(call.Add("Mul", [X(call), call.Add("Tanh", [call.Add("Softplus", [X(call)])])])),
        ["aten::log_sigmoid"] = call => call.Return(call.Add("Neg", [call.Add("Softplus", [call.Add("Neg", [X(call)])])])),
        ["aten::softsign"] = call => OnnxArithmetic.Unary(call, "Softsign"),
        ["aten::prelu"] = Prelu,
        ["aten::glu"] = Glu,
        ["aten::softmax"] = call =>
            call.Return(call.Add("Softmax", [call.Operand(0, call.ResultNumbers)], ("axis", call.Tensor(0).Axis(call.Int(1))))),
        ["aten::log_softmax"] = call =>
            call.Return(call.Add("LogSoftmax", [call.Operand(0, call.ResultNumbers)], ("axis", call.Tensor(0).Axis(call.Int(1))))),
        ["aten::dropout"] = Dropout,
        ["aten::feature_dropout"] = Dropout,
        ["aten::alpha_dropout"] = Dropout,
    };

    private static string X(OnnxCall call) => call.Tensor(0).Name;

    private static string Number(OnnxCall call, double value) => call.Onnx.Scalar(value, call.ResultNumbers);

    private static void Clip(OnnxCall call, double least, double most) =>
        call.Return(call.Add("Clip", [X(call), Number(call, least), Number(call, most)]));

    private static void Gelu(OnnxCall call)
    {
        string x = X(call), inner;
        if (call.Has(1) && call.Text(1) == "tanh")
        {
            // √(2/π) · (x + 0.044715 x³)
            string cube = call.Add("Mul", [x, call.Add("Mul", [x, x])]);
            inner =
                call.Add("Tanh",
                    [call.Add("Mul", [call.Add("Add", [x, call.Add("Mul", [cube, Number(call, 0.044715)])]),
                        Number(call, Math.Sqrt(2 / Math.PI))])]);
        }
        else
        {
            inner = call.Add("Erf", [call.Add("Mul", [x, Number(call, Math.Sqrt(0.5))])]);
        }

        call.Return(call.Add("Mul", [call.Add("Mul", [x, Number(call, 0.5)]), call.Add("Add", [inner, Number(call, 1)])]));
    }

    private static void Elu(OnnxCall call)
    {
        if ((call.Has(2) && call.Real(2) != 1) || (call.Has(3) && call.Real(3) != 1)) throw call.Fault("a scale");
        call.Return(call.Add("Elu", [X(call)], ("alpha", call.Has(1) ? call.Real(1) : 1.0)));
    }

    private static void Softplus(OnnxCall call)
    {
        // The threshold above which libtorch takes x itself changes nothing that float32 shows.
        double beta = call.Has(1) ? call.Real(1) : 1;
        string x = X(call);
        call.Return(beta == 1 ? call.Add("Softplus", [x])
            : call.Add("Div", [call.Add("Softplus", [call.Add("Mul", [x, Number(call, beta)])]), Number(call, beta)]));
    }

    private static void Prelu(OnnxCall call)
    {
        var (x, slope) = (call.Tensor(0), call.Tensor(1));
        string slopes = slope.Name;
        if (slope.Sizes.Aggregate(1L, (product, size) => product * size) > 1)
            slopes = call.Add("Reshape", [slopes, call.Onnx.Ints([-1, .. Enumerable.Repeat(1L, Math.Max(0, x.Rank - 2))])]);
        call.Return(call.Add("PRelu", [x.Name, slopes]));
    }

    private static void Glu(OnnxCall call)
    {
        var x = call.Tensor(0);
        int axis = x.Axis(call.Has(1) ? call.Int(1) : -1);
        string[] halves = call.Onnx.Add("Split", [x.Name, call.Onnx.Ints(x.Sizes[axis] / 2, x.Sizes[axis] / 2)], 2, ("axis", axis));
        call.Return(call.Add("Mul", [halves[0], call.Add("Sigmoid", [halves[1]])]));
    }

    private static void Dropout(OnnxCall call)
    {
        if (call.Bool(2)) throw call.Fault("dropout that drops");
        call.Return(X(call));
    }
}
