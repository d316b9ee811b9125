using Sconce.Torch;

namespace Sconce.Export.Onnx;

/// <summary>Element by element: sums, products, comparisons, functions of one number; and whole numbers that depend on the batch.</summary>
internal static class OnnxArithmetic
{
    public static IEnumerable<KeyValuePair<string, Action<OnnxCall>>> Table { get; } = new Dictionary<string, Action<OnnxCall>>
    {
        ["aten::add"] = call => Sum(call, "Add", 0, 1),
        ["aten::sub"] = call => Sum(call, "Sub", 0, 1),
        ["aten::rsub"] = call => Sum(call, "Sub", 1, 0),
        ["aten::mul"] = call => Binary(call, "Mul"),
        ["aten::div"] = Divide,
        ["aten::floor_divide"] = call =>
            call.Return(Floored(call, call.Add("Div", [call.Operand(0, DType.Float64), call.Operand(1, DType.Float64)]))),
        ["aten::floordiv"] = call => Binary(call, "Div"),
        ["aten::pow"] = Power,
        ["aten::maximum"] = call => Binary(call, "Max"),
        ["aten::minimum"] = call => Binary(call, "Min"),
        ["aten::remainder"] = Remainder,
        ["aten::lerp"] = Lerp,
        ["aten::addcmul"] = call => AddScaled(call, "Mul"),
        ["aten::addcdiv"] = call => AddScaled(call, "Div"),
        ["aten::eq"] = call => Compare(call, "Equal"),
        ["aten::ne"] = call => call.Return(call.Add("Not", [Compared(call, "Equal")])),
        ["aten::lt"] = call => Compare(call, "Less"),
        ["aten::le"] = call => Compare(call, "LessOrEqual"),
        ["aten::gt"] = call => Compare(call, "Greater"),
        ["aten::ge"] = call => Compare(call, "GreaterOrEqual"),
        ["aten::logical_and"] = call => Logic(call, "And"),
        ["aten::logical_or"] = call => Logic(call, "Or"),
        ["aten::logical_xor"] = call => Logic(call, "Xor"),
        ["aten::__and__"] = call => Logic(call, "And"),
        ["aten::__or__"] = call => Logic(call, "Or"),
        ["aten::bitwise_and"] = call => Logic(call, "And"),
        ["aten::bitwise_or"] = call => Logic(call, "Or"),
        ["aten::logical_not"] = call => call.Return(call.Add("Not", [call.Operand(0, DType.Bool)])),
        ["aten::bitwise_not"] = call => call.Return(call.Add("Not", [Boolean(call, 0)])),
        ["aten::where"] = call => call.Return(
            call.Add("Where", [call.Operand(0, DType.Bool), call.Operand(1, call.ResultNumbers), call.Operand(2, call.ResultNumbers)])),
        ["aten::masked_fill"] = call =>
            call.Return(
                call.Add("Where", [call.Operand(1, DType.Bool), call.Operand(2, call.ResultNumbers), call.Operand(0, call.ResultNumbers)])),
        ["aten::clamp"] = call => Clip(call, 1, 2),
        ["aten::clamp_min"] = call => Clip(call, 1, -1),
        ["aten::clamp_max"] = call => Clip(call, -1, 1),
        ["aten::neg"] = call => Unary(call, "Neg"),
        ["aten::abs"] = call => Unary(call, "Abs"),
        ["aten::exp"] = call => Unary(call, "Exp"),
        ["aten::log"] = call => Unary(call, "Log"),
        ["aten::sqrt"] = call => Unary(call, "Sqrt"),
        ["aten::rsqrt"] = call => call.Return(call.Add("Reciprocal", [call.Add("Sqrt", [call.Operand(0, call.ResultNumbers)])])),
        ["aten::reciprocal"] = call => Unary(call, "Reciprocal"),
        ["aten::square"] = call => Twice(call, "Mul"),
        ["aten::sin"] = call => Unary(call, "Sin"),
        ["aten::cos"] = call => Unary(call, "Cos"),
        ["aten::tan"] = call => Unary(call, "Tan"),
        ["aten::atan"] = call => Unary(call, "Atan"),
        ["aten::erf"] = call => Unary(call, "Erf"),
        ["aten::floor"] = call => Unary(call, "Floor"),
        ["aten::ceil"] = call => Unary(call, "Ceil"),
        ["aten::round"] = call => Unary(call, "Round"),
        ["aten::sign"] = call => Unary(call, "Sign"),
        ["aten::isnan"] = call => call.Return(call.Add("IsNaN", [call.Tensor(0).Name])),
        ["aten::expm1"] = call =>
            call.Return(call.Add("Sub", [call.Add("Exp", [call.Operand(0, call.ResultNumbers)]), call.Onnx.Scalar(1, call.ResultNumbers)])),
        ["aten::log1p"] = call =>
            call.Return(call.Add("Log", [call.Add("Add", [call.Operand(0, call.ResultNumbers), call.Onnx.Scalar(1, call.ResultNumbers)])])),
    };

    public static void Unary(OnnxCall call, string operation) => call.Return(call.Add(operation, [call.Operand(0, call.ResultNumbers)]));

    private static void Twice(OnnxCall call, string operation)
    {
        string x = call.Operand(0, call.ResultNumbers);
        call.Return(call.Add(operation, [x, x]));
    }

    private static void Binary(OnnxCall call, string operation)
    {
        if (call.ResultType().DType is not { } type)
        {
            // Whole numbers of the trace, such as twice the batch.
            call.ReturnValue(new OnnxNumber(call.Add(operation, [call.Number(call.Argument(0)), call.Number(call.Argument(1))])));
            return;
        }

        if (type == DType.Bool)
            call.Return(call.Add(operation == "Mul" ? "And" : throw call.Fault($"{operation} of truth values"),
                [call.Operand(0, type), call.Operand(1, type)]));
        else call.Return(call.Add(operation, [call.Operand(0, type), call.Operand(1, type)]));
    }

    // left ± alpha · right; alpha stands last and belongs to the second argument, or to the first where they are turned round.
    private static void Sum(OnnxCall call, string operation, int left, int right)
    {
        if (call.ResultType().DType is not { } type || type == DType.Bool)
        {
            Binary(call, operation);
            return;
        }

        string second = call.Operand(right, type);
        if (call.Has(2) && call.Real(2) is var alpha && alpha != 1) second = call.Add("Mul", [second, call.Onnx.Scalar(alpha, type)]);
        call.Return(call.Add(operation, [call.Operand(left, type), second]));
    }

    private static void Divide(OnnxCall call)
    {
        if (call.Has(2) && call.Text(2) is var rounding)
        {
            string quotient = call.Add("Div", [call.Operand(0, DType.Float64), call.Operand(1, DType.Float64)]);
            call.Return(rounding == "floor" ? Floored(call, quotient) : throw call.Fault($"rounding '{rounding}'"));
            return;
        }

        Binary(call, "Div");
    }

    private static string Floored(OnnxCall call, string quotient) =>
        call.Cast(call.Add("Floor", [quotient]), DType.Float64, call.ResultNumbers);

    private static void Power(OnnxCall call)
    {
        if (call.Argument(1) is double or long && call.Real(1) == 2) Twice(call, "Mul");
        else call.Return(call.Add("Pow", [call.Operand(0, call.ResultNumbers), call.Operand(1, call.ResultNumbers)]));
    }

    // The sign is the divisor's, as floor division has it.
    private static void Remainder(OnnxCall call)
    {
        var type = call.ResultNumbers;
        string x = call.Operand(0, type), y = call.Operand(1, type);
        if (!type.IsFloatingPoint()) call.Return(call.Add("Mod", [x, y]));
        else call.Return(call.Add("Sub", [x, call.Add("Mul", [call.Add("Floor", [call.Add("Div", [x, y])]), y])]));
    }

    private static void Lerp(OnnxCall call)
    {
        var type = call.ResultNumbers;
        string start = call.Operand(0, type);
        call.Return(call.Add("Add", [start, call.Add("Mul", [call.Operand(2, type), call.Add("Sub", [call.Operand(1, type), start])])]));
    }

    private static void AddScaled(OnnxCall call, string operation)
    {
        var type = call.ResultNumbers;
        string product = call.Add(operation, [call.Operand(1, type), call.Operand(2, type)]);
        if (call.Has(3) && call.Real(3) != 1) product = call.Add("Mul", [product, call.Operand(3, type)]);
        call.Return(call.Add("Add", [call.Operand(0, type), product]));
    }

    private static void Compare(OnnxCall call, string operation) => call.Return(Compared(call, operation));

    private static string Compared(OnnxCall call, string operation)
    {
        var type = call.Common(0, 1);
        if (type == DType.Bool && operation != "Equal") type = DType.Int32;
        return call.Add(operation, [call.Operand(0, type), call.Operand(1, type)]);
    }

    private static void Logic(OnnxCall call, string operation) => call.Return(call.Add(operation, [Boolean(call, 0), Boolean(call, 1)]));

    private static string Boolean(OnnxCall call, int index) =>
        call.ResultNumbers == DType.Bool ? call.Operand(index, DType.Bool) : throw call.Fault("bits of whole numbers");

    private static void Clip(OnnxCall call, int least, int most)
    {
        var type = call.ResultNumbers;
        string x = call.Operand(0, type);
        if (Limit(least) is { } floor) x = call.Add("Max", [x, floor]);
        if (Limit(most) is { } ceiling) x = call.Add("Min", [x, ceiling]);
        call.Return(x);

        string? Limit(int index) => index >= 0 && call.Has(index) ? call.Operand(index, type) : null;
    }
}
