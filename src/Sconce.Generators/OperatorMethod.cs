using System.Globalization;
using System.Text;

namespace Sconce.Generators;

/// <summary>Writes one operator's C# method.</summary>
internal sealed class OperatorMethod
{
    private readonly OperatorSchema schema;
    private readonly int index;
    private readonly List<Argument> arguments;

    public OperatorMethod(OperatorSchema schema, int index)
    {
        this.schema = schema;
        this.index = index;
        arguments = schema.Arguments.Select(argument => new Argument(argument, schema.Overload)).ToList();
    }

    public bool IsSupported => arguments.All(argument => argument.Type != "") && schema.Results.All(result => ResultType(result) != "");

    public bool IsInstance => schema.Arguments.Count > 0
        && schema.Arguments[0] is { Name: "self", Type: "Tensor", IsList: false, IsOptional: false };

    public bool IsFunctional => !IsInstance && schema.Arguments.Count > 0 && schema.Arguments[0] is { Type: "Tensor", IsList: false };

    private string BaseName
    {
        get
        {
            string name = schema.Name.Substring(schema.Name.IndexOf("::", System.StringComparison.Ordinal) + 2).TrimStart('_');
            string method = Naming.Method(name);
            return method switch
            {
                // A method may not have its class's name, and these would hide members of Tensor or object.
                "Equal" => "EqualTo",
                "Size" => "SizeOf",
                "Stride" => "StrideOf",
                "IsContiguous" or "IsComplex" or "IsFloatingPoint" or "IsSigned" or "IsInference" or "Dim" => method + "Of",
                _ => method,
            };
        }
    }

    private IEnumerable<Argument> Parameters => arguments.Skip(IsInstance ? 1 : 0);

    private bool WritesSelf => schema.Arguments.Count > 0 && IsInstance && schema.Arguments[0].Writes && schema.Results.Count == 1
        && schema.Results[0].Type == "Tensor";

    public string Signature(string suffix) =>
        $"{(IsInstance ? "" : IsFunctional ? "F:" : "")}{BaseName}{suffix}({string.Join(",", Parameters.Select(Kind))})";

    private static string Kind(Argument parameter) => parameter.Type.TrimEnd('?') == "Tensor" ? "Tensor" : parameter.Type;

    public void Write(StringBuilder text, string suffix)
    {
        string documented = schema.Line.Replace("&", "&amp;").Replace("<", "&lt;").Replace(">", "&gt;");
        text.Append($"    /// <summary><c>{documented}</c></summary>\n");
        text.Append($"    public {(IsInstance ? "" : "static ")}{Returns} "
            + $"{BaseName}{suffix}({string.Join(", ", ParameterList())})\n    {{\n");
        int count = arguments.Count;
        text.Append(count > 0 ? $"        Value* boxed = stackalloc Value[{count}];\n" : "        Value* boxed = null;\n");
        foreach (var argument in Parameters) argument.Declare(text);
        var pins = Parameters.Select(argument => argument.Pin).Where(pin => pin is not null).ToList();
        foreach (string? pin in pins) text.Append($"        fixed ({pin})\n");
        if (pins.Count > 0) text.Append("        {\n");
        for (int k = 0; k < count; k++)
            text.Append($"        boxed[{k}] = {(k == 0 && IsInstance ? "Value.Of(this)" : arguments[k].Expression)};\n");
        WriteCall(text, count);
        text.Append(pins.Count > 0 ? "        }\n    }\n\n" : "    }\n\n");
    }

    private void WriteCall(StringBuilder text, int count)
    {
        string operation = $"OperatorTable.Get({index}, \"{schema.Name}\", \"{schema.Overload}\")";
        int results = schema.Results.Count;
        if (WritesSelf || results == 0)
        {
            text.Append($"        {operation}.Invoke(boxed, {count}, null, 0);\n");
            KeepAlive(text);
            if (WritesSelf) text.Append("        Changed();\n        return this;\n");
            return;
        }

        text.Append($"        Value* returned = stackalloc Value[{results}];\n");
        text.Append($"        {operation}.Invoke(boxed, {count}, returned, {results});\n");
        KeepAlive(text);
        string Read(int k) => $"returned[{k}].{ReadMethod(schema.Results[k])}()";
        text.Append(results == 1
            ? $"        return {Read(0)};\n"
            : $"        return ({string.Join(", ", Enumerable.Range(0, results).Select(Read))});\n");
    }

    private void KeepAlive(StringBuilder text)
    {
        if (IsInstance) text.Append("        GC.KeepAlive(this);\n");
        foreach (var argument in Parameters)
        {
            if (argument.KeepAlive is { } statement) text.Append($"        {statement};\n");
        }
    }

    private string Returns
    {
        get
        {
            if (WritesSelf) return "Tensor";
            if (schema.Results.Count == 0) return "void";
            if (schema.Results.Count == 1) return ResultType(schema.Results[0]);
            var names = schema.Results.Select((result, k) => result.Name.Length > 0 ? Naming.Pascal(result.Name) : $"Item{k + 1}");
            return "(" + string.Join(", ", schema.Results.Zip(names, (result, name) => $"{ResultType(result)} {name}")) + ")";
        }
    }

    /// <summary>A C# default is allowed only where every later argument has one too.</summary>
    private IEnumerable<string> ParameterList()
    {
        var list = Parameters.ToList();
        int lastRequired = list.FindLastIndex(argument => argument.CsDefault is null);
        for (int k = 0; k < list.Count; k++)
        {
            yield return $"{list[k].Type} {list[k].Name}{(k > lastRequired ? " = " + list[k].CsDefault : "")}";
        }
    }

    private static string ResultType(SchemaArgument result) => (result.Type, result.IsList) switch
    {
        ("Tensor", false) => "Tensor",
        ("Tensor", true) => "Tensor[]",
        ("Scalar", false) => "Scalar",
        ("int", false) => "long",
        ("float", false) => "double",
        ("bool", false) => "bool",
        ("ScalarType", false) => "DType",
        _ => "",
    };

    private static string ReadMethod(SchemaArgument result) => (result.Type, result.IsList) switch
    {
        ("Tensor", false) => "TakeTensor",
        ("Tensor", true) => "TakeTensors",
        ("Scalar", _) => "ToScalar",
        ("int", _) => "ToInt64",
        ("float", _) => "ToDouble",
        ("bool", _) => "ToBoolean",
        _ => "ToDType",
    };

    /// <summary>One argument's C# side.</summary>
    private sealed class Argument
    {
        private readonly SchemaArgument schema;
        private readonly string overload;

        public Argument(SchemaArgument schema, string overload)
        {
            this.schema = schema;
            this.overload = overload;
            Name = Naming.Parameter(schema.Name);
        }

        public string Name { get; }

        private string Plain => Name.TrimStart('@');

        public string Type => (schema.Type, schema.IsList, schema.IsOptional) switch
        {
            ("Tensor", false, false) => "Tensor",
            ("Tensor", false, true) => "Tensor?",
            ("Tensor", true, _) => "ReadOnlySpan<Tensor>",
            ("Tensor?", true, _) => "ReadOnlySpan<Tensor?>",
            ("Scalar", false, false) => "Scalar",
            ("Scalar", false, true) => "Scalar?",
            ("Scalar", true, _) => "ReadOnlySpan<Scalar>",
            ("int", false, false) => "long",
            ("int", false, true) => "long?",
            ("int", true, _) => "ReadOnlySpan<long>",
            ("float", false, false) => "double",
            ("float", false, true) => "double?",
            ("float", true, _) => "ReadOnlySpan<double>",
            ("bool", false, false) => "bool",
            ("bool", false, true) => "bool?",
            ("bool", true, _) => "ReadOnlySpan<bool>",
            ("str", false, false) => "string",
            ("str", false, true) => "string?",
            ("ScalarType", false, false) => "DType",
            ("ScalarType", false, true) => "DType?",
            ("Layout", false, false) => "Layout",
            ("Layout", false, true) => "Layout?",
            ("MemoryFormat", false, false) => "MemoryFormat",
            ("MemoryFormat", false, true) => "MemoryFormat?",
            ("Device", false, false) => "Device",
            ("Device", false, true) => "Device?",
            ("Generator", false, _) => "Generator?",
            _ => "",
        };

        /// <summary>The parameter's default in C#, or null where it must be given.</summary>
        public string? CsDefault
        {
            get
            {
                if (schema.Default is not { } value) return null;
                if (schema.IsList) return "default";
                if (value == "None") return "null";

                // conv2d.padding differs from conv2d by the type of its padding alone: left out, both would fit.
                if (schema.Type == "str" && schema.Name == overload) return null;
                return (schema.Type, schema.IsOptional) switch
                {
                    ("Scalar", _) => "default",
                    ("int", _) => value,
                    ("float", _) => Real(value),
                    ("bool", _) => value == "True" ? "true" : "false",
                    ("str", _) => value,
                    ("MemoryFormat", _) => "MemoryFormat.Contiguous",
                    ("ScalarType", _) => $"(DType){value}",
                    _ => null,
                };
            }
        }

        public string? KeepAlive => (schema.Type, schema.IsList) switch
        {
            ("Tensor", false) => $"GC.KeepAlive({Name})",
            ("Tensor", true) or ("Tensor?", true) => $"{Plain}Handles.KeepAlive()",
            ("Generator", false) => $"GC.KeepAlive({Name})",
            _ => null,
        };

        /// <summary>Statements before the values: handle lists, defaults of lists.</summary>
        public void Declare(StringBuilder text)
        {
            switch (schema.Type)
            {
                case "Tensor" or "Tensor?" when schema.IsList:
                    text.Append($"        var {Plain}Handles = new HandleList({Name});\n");
                    break;
                case "int" or "float" or "bool" when schema.IsList:
                    string source = ListDefault() is { } items ? $"{Name}.IsEmpty ? (ReadOnlySpan<{Element}>)[{items}] : {Name}" : Name;
                    text.Append($"        ReadOnlySpan<{Element}> {Plain}Items = {source};\n");
                    break;
                case "Scalar" when schema.IsList:
                    text.Append($"        Span<Value> {Plain}Items = new Value[{Name}.Length];\n");
                    text.Append($"        for (int k = 0; k < {Name}.Length; k++) {Plain}Items[k] = Value.Of({Name}[k]);\n");
                    break;
            }
        }

        /// <summary>What stands in a <c>fixed</c> around the call, or null.</summary>
        public string? Pin => schema.Type switch
        {
            "Tensor" or "Tensor?" when schema.IsList => $"nint* {Plain}Pointer = {Plain}Handles.Span",
            "int" or "float" or "bool" when schema.IsList => $"{Element}* {Plain}Pointer = {Plain}Items",
            "Scalar" when schema.IsList => $"Value* {Plain}Pointer = {Plain}Items",
            "str" => $"byte* {Plain}Pointer = Value.Utf8({Name})",
            _ => null,
        };

        private string Element => schema.Type switch { "int" => "long", "float" => "double", _ => "bool" };

        public string Expression
        {
            get
            {
                switch (schema.Type)
                {
                    case "Tensor" or "Tensor?" when schema.IsList:
                        return $"Value.{(schema.Type == "Tensor" ? "TensorList" : "OptionalTensorList")}({Plain}Pointer, {Name}.Length)";
                    case "int" when schema.IsList:
                        return schema.IsOptional && ListDefault() is null ? $"Value.LongsOrNone({Plain}Pointer, {Plain}Items.Length)"
                            : $"Value.Longs({Plain}Pointer, {Plain}Items.Length)";
                    case "float" when schema.IsList:
                        return schema.IsOptional ? $"Value.DoublesOrNone({Plain}Pointer, {Plain}Items.Length)"
                            : $"Value.Doubles({Plain}Pointer, {Plain}Items.Length)";
                    case "bool" when schema.IsList:
                        return $"Value.Bools({Plain}Pointer, {Plain}Items.Length)";
                    case "Scalar" when schema.IsList:
                        return $"Value.Scalars({Plain}Pointer, {Name}.Length)";
                    case "str":
                        return $"Value.Text({Plain}Pointer, Value.Utf8Length({Name}))";
                    case "Scalar" when !schema.IsOptional && schema.Default is { } value:
                        return $"Value.Of({Name}.Or({Real(value)}))";
                    default:
                        return $"Value.Of({Name})";
                }
            }
        }

        private string? ListDefault()
        {
            if (schema.Default is not { } value || value == "None" || value == "[]") return null;
            if (value.StartsWith("[", System.StringComparison.Ordinal)) value = value.Trim('[', ']');
            else if (schema.FixedLength > 1) value = string.Join(", ", Enumerable.Repeat(value, schema.FixedLength));
            return value.Replace("True", "true").Replace("False", "false");
        }

        private static string Real(string value)
        {
            if (value is "inf") return "double.PositiveInfinity";
            if (value is "-inf") return "double.NegativeInfinity";
            if (value is "True") return "true";
            if (value is "False") return "false";
            if (value.Contains(".") || value.Contains("e"))
                return double.Parse(value, CultureInfo.InvariantCulture).ToString("R", CultureInfo.InvariantCulture) is var text
                    && (text.Contains(".") || text.Contains("E"))
                    ? text : double.Parse(value, CultureInfo.InvariantCulture).ToString("F1", CultureInfo.InvariantCulture);
            return value;
        }
    }
}
