using System.Globalization;
using System.Numerics;
using System.Text;

namespace Sconce.Torch;

/// <summary>
/// A tensor as Python's PyTorch prints it: <c>tensor([[1., 2.],\n        [3., 4.]])</c>. Its conventions (torch/_tensor_str.py of
/// 1.13): four digits, lines of 80 characters, three items at each edge of every dimension where there are more than 1,000 elements.
/// </summary>
internal static class TensorPrinter
{
    private const int Digits = 4;
    private const int LineWidth = 80;
    private const int Threshold = 1000;
    private const int Edge = 3;
    private const string Prefix = "tensor(";

    internal static string Print(Tensor tensor)
    {
        using var scope = new TensorScope();
        using var noGrad = Gradients.Off();
        var suffixes = new List<string>();
        var device = tensor.Device;
        if (device.Type != DeviceType.Cpu) suffixes.Add($"device='{device}'");
        bool usual = tensor.DType is DType.Float32 or DType.Complex64 or DType.Int64 or DType.Bool;
        string text;
        if (tensor.Layout is Layout.SparseCoo or Layout.SparseCsr)
        {
            text = PrintSparse(tensor, suffixes);
            if (!usual) suffixes.Add($"dtype=torch.{tensor.DType.TorchName()}");
        }
        else if (device.Type == DeviceType.Meta || tensor.Elements == 0)
        {
            bool meta = device.Type == DeviceType.Meta;
            if (meta || tensor.Dimensions != 1) suffixes.Add("size=" + Size(tensor));
            if (tensor.DType != DType.Float32) suffixes.Add($"dtype=torch.{tensor.DType.TorchName()}");
            text = meta ? "..." : "[]";
        }
        else
        {
            if (!usual) suffixes.Add($"dtype=torch.{tensor.DType.TorchName()}");
            text = PrintElements(tensor.Layout == Layout.Strided ? tensor : tensor.ToDense(), Prefix.Length);
        }

        if (tensor.Layout != Layout.Strided) suffixes.Add("layout=" + LayoutName(tensor.Layout));
        if (tensor.GradientName is { } name) suffixes.Add($"grad_fn=<{name}>");
        else if (tensor.RequiresGrad) suffixes.Add("requires_grad=True");
        return AddSuffixes(Prefix + text, suffixes, ownLine: tensor.Layout == Layout.SparseCoo);
    }

    /// <summary>The nested lists of the elements.</summary>
    /// <param name="tensor">Strided.</param>
    /// <param name="indent">The column at which the text will begin.</param>
    private static string PrintElements(Tensor tensor, int indent)
    {
        if (tensor.Elements == 0) return "[]";
        bool[] cut = new bool[tensor.Dimensions];
        if (tensor.Elements > Threshold)
        {
            // What will not be printed is not fetched either.
            for (int d = 0; d < cut.Length; d++)
            {
                long size = tensor.Size(d);
                if (size <= 2 * Edge) continue;
                cut[d] = true;
                tensor = tensor.IndexSelect(d, Tensor.From([0L, 1, 2, size - 3, size - 2, size - 1], device: tensor.Device));
            }
        }

        string[] items;
        int width;
        if (tensor.DType.IsComplex())
        {
            var values = tensor.ToArray<Complex>();
            var real = new NumberFormat(Array.ConvertAll(values, value => value.Real));
            var imaginary = new NumberFormat(Array.ConvertAll(values, value => value.Imaginary));
            items = Array.ConvertAll(values, value => Join(real.Format(value.Real), imaginary.Format(value.Imaginary)));
            width = real.Width + imaginary.Width + 1;
        }
        else if (tensor.DType.IsFloatingPoint())
        {
            double[] values = tensor.ToArray<double>();
            var format = new NumberFormat(values);
            items = Array.ConvertAll(values, format.Format);
            width = format.Width;
        }
        else
        {
            items = tensor.DType == DType.Bool
                ? Array.ConvertAll(tensor.ToArray<bool>(), value => value ? "True" : "False")
                : Array.ConvertAll(tensor.ToArray<long>(), value => value.ToString(CultureInfo.InvariantCulture));
            int widest = items.Max(item => item.Length);
            items = Array.ConvertAll(items, item => item.PadLeft(widest));
            width = widest;
        }

        var text = new StringBuilder();
        int next = 0;
        Append(text, tensor.Shape, cut, items, ref next, width, indent);
        return text.ToString();
    }

    private static void Append(StringBuilder text, ReadOnlySpan<long> shape, ReadOnlySpan<bool> cut, string[] items, ref int next,
        int width, int indent)
    {
        if (shape.IsEmpty)
        {
            text.Append(items[next++]);
            return;
        }

        text.Append('[');
        bool vector = shape.Length == 1;
        int dimensions = shape.Length;
        int perLine = Math.Max(1, (LineWidth - indent) / (width + 2));
        int printed = 0;
        for (int k = 0; k < shape[0]; k++)
        {
            Separate();
            if (cut[0] && k == Edge)
            {
                text.Append(vector ? " ..." : "...");
                printed++;
                Separate();
            }

            if (vector) text.Append(items[next++]);
            else Append(text, shape[1..], cut[1..], items, ref next, width, indent + 1);
            printed++;
        }

        text.Append(']');

        void Separate()
        {
            if (printed == 0) return;
            if (vector && printed % perLine != 0) text.Append(", ");
            else text.Append(',').Append('\n', vector ? 1 : dimensions - 1).Append(' ', indent + 1);
        }
    }

    private static string Join(string real, string imaginary)
    {
        string second = imaginary.TrimStart() + "j";
        return real + (second[0] is '+' or '-' ? "" : "+") + second;
    }

    private static string PrintSparse(Tensor tensor, List<string> suffixes)
    {
        bool rows = tensor.Layout == Layout.SparseCsr;
        var values = (Tensor)Operator.Find(rows ? "aten::values" : "aten::_values").Call(tensor)[0]!;
        suffixes.Add("size=" + Size(tensor));
        suffixes.Add("nnz=" + values.Size(0).ToString(CultureInfo.InvariantCulture));
        (string Name, string Operator)[] parts = rows
            ? [("crow_indices", "aten::crow_indices"), ("col_indices", "aten::col_indices")]
            : [("indices", "aten::_indices")];
        var text = new StringBuilder();
        foreach (var (name, operation) in parts) Part(name, (Tensor)Operator.Find(operation).Call(tensor)[0]!,
            "),\n" + new string(' ', Prefix.Length));
        Part("values", values, ")");
        return text.ToString();

        void Part(string name, Tensor part, string end)
        {
            string head = name + "=tensor(";
            text.Append(head).Append(PrintElements(part, Prefix.Length + head.Length));
            if (part.Elements == 0) text.Append(", size=").Append(Size(part));
            text.Append(end);
        }
    }

    private static string AddSuffixes(string body, List<string> suffixes, bool ownLine)
    {
        var text = new StringBuilder(body);
        int line = body.Length - body.LastIndexOf('\n') + 1;
        foreach (string suffix in suffixes)
        {
            if (ownLine || line + suffix.Length + 2 > LineWidth)
            {
                text.Append(",\n").Append(' ', Prefix.Length).Append(suffix);
                line = Prefix.Length + suffix.Length;
                ownLine = false;
            }
            else
            {
                text.Append(", ").Append(suffix);
                line += suffix.Length + 2;
            }
        }

        return text.Append(')').ToString();
    }

    /// <summary>Python's tuple: <c>(0, 3)</c>, <c>(3,)</c>, <c>()</c>.</summary>
    private static string Size(Tensor tensor) =>
        tensor.Dimensions == 1 ? $"({tensor.Size(0)},)" : $"({string.Join(", ", tensor.Shape.ToArray())})";

    private static string LayoutName(Layout layout) => layout switch
    {
        Layout.SparseCoo => "torch.sparse_coo",
        Layout.SparseCsr => "torch.sparse_csr",
        _ => "torch._mkldnn",
    };

    /// <summary>How the real numbers of one tensor are written: as integers with a point, in fixed or in scientific notation.</summary>
    private sealed class NumberFormat
    {
        private readonly bool integers;
        private readonly bool scientific;

        internal NumberFormat(double[] values)
        {
            double[] shown = Array.FindAll(values, value => value != 0 && double.IsFinite(value));
            integers = Array.TrueForAll(shown, value => value == Math.Ceiling(value));
            if (shown.Length == 0) return;
            double least = shown.Min(Math.Abs), greatest = shown.Max(Math.Abs);
            scientific = greatest / least > 1000 || greatest > 1e8 || (!integers && least < 1e-4);
            Width = shown.Max(value => Write(value).Length);
        }

        /// <summary>Of the widest finite number but zero, as PyTorch has it.</summary>
        internal int Width { get; } = 1;

        internal string Format(double value) => Write(value).PadLeft(Width);

        private string Write(double value)
        {
            if (double.IsNaN(value)) return "nan";
            if (double.IsInfinity(value)) return value > 0 ? "inf" : "-inf";
            if (scientific) return Scientific(value);
            return integers ? Round(value, 'F', 0) + "." : Round(value, 'F', Digits);
        }

        /// <summary>C's <c>%.4e</c>: at least two digits of exponent.</summary>
        private static string Scientific(double value)
        {
            string text = Round(value, 'E', Digits);
            int exponent = int.Parse(text.AsSpan(text.IndexOf('E') + 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
            string size = Math.Abs(exponent).ToString("00", CultureInfo.InvariantCulture);
            return $"{text.AsSpan(0, text.IndexOf('E'))}e{(exponent < 0 ? '-' : '+')}{size}";
        }

        /// <summary>Exactly half rounds to the even digit in C and in Python, away from zero in .NET.</summary>
        private static string Round(double value, char notation, int digits)
        {
            string rounded = value.ToString($"{notation}{digits}", CultureInfo.InvariantCulture);
            if (digits == 0) return rounded;
            string exact = value.ToString($"{notation}{digits + 40}", CultureInfo.InvariantCulture);
            int point = exact.IndexOf('.');
            var tail = exact.AsSpan(point + digits + 1, 40);
            bool half = tail[0] == '5' && tail[1..].IndexOfAnyExcept('0') < 0;
            bool even = (exact[point + digits] - '0') % 2 == 0;
            return half && even ? string.Concat(exact.AsSpan(0, point + digits + 1), exact.AsSpan(point + digits + 41)) : rounded;
        }
    }
}

/// <content>Printing.</content>
public partial class Tensor
{
    /// <summary>The name of the recorded operator that made this tensor, such as <c>AddBackward0</c>; null for a leaf.</summary>
    internal unsafe string? GradientName
    {
        get
        {
            byte* name = Native.sc_grad_name(Handle);
            GC.KeepAlive(this);
            return name is null ? null : Native.TakeText(name);
        }
    }

    /// <summary>The elements as Python's PyTorch prints them, the middle left out where there are more than 1,000, with dtype, device and
    /// gradient where they are not the usual ones.</summary>
    public override string ToString() => IsDisposed ? "tensor(disposed)" : TensorPrinter.Print(this);
}
