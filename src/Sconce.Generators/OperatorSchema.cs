namespace Sconce.Generators;

/// <summary>One operator as libtorch prints it: <c>aten::add.Tensor(Tensor self, Tensor other, *, Scalar alpha=1) -> Tensor</c>.</summary>
internal sealed class OperatorSchema
{
    private OperatorSchema(string line, string name, string overload, IReadOnlyList<SchemaArgument> arguments,
        IReadOnlyList<SchemaArgument> results)
    {
        Line = line;
        Name = name;
        Overload = overload;
        Arguments = arguments;
        Results = results;
    }

    public string Line { get; }

    /// <summary>With its namespace: <c>aten::add</c>.</summary>
    public string Name { get; }

    public string Overload { get; }

    public IReadOnlyList<SchemaArgument> Arguments { get; }

    public IReadOnlyList<SchemaArgument> Results { get; }

    public static OperatorSchema Parse(string line)
    {
        int open = line.IndexOf('(');
        int arrow = line.LastIndexOf(") -> ", StringComparison.Ordinal);
        if (open < 0 || arrow < open) throw new FormatException("a schema reads name(arguments) -> results");
        string full = line.Substring(0, open);
        int colons = full.IndexOf("::", StringComparison.Ordinal);
        if (colons < 0) throw new FormatException("an operator's name has a namespace, such as aten::");
        int dot = full.IndexOf('.', colons);
        string results = line.Substring(arrow + 5).Trim();
        if (results.StartsWith("(", StringComparison.Ordinal)) results = results.Substring(1, results.Length - 2);
        return new OperatorSchema(
            line,
            dot < 0 ? full : full.Substring(0, dot),
            dot < 0 ? "" : full.Substring(dot + 1),
            ParseList(line.Substring(open + 1, arrow - open - 1), named: true),
            ParseList(results, named: false));
    }

    private static List<SchemaArgument> ParseList(string text, bool named)
    {
        var list = new List<SchemaArgument>();
        foreach (string part in Split(text))
        {
            if (part != "*") list.Add(SchemaArgument.Parse(part, named));
        }

        return list;
    }

    /// <summary>Splits at commas that stand outside brackets and quotes.</summary>
    private static IEnumerable<string> Split(string text)
    {
        int depth = 0, start = 0;
        bool quoted = false;
        for (int k = 0; k <= text.Length; k++)
        {
            char c = k < text.Length ? text[k] : ',';
            if (c == '"') quoted = !quoted;
            else if (!quoted && c is '(' or '[') depth++;
            else if (!quoted && c is ')' or ']') depth--;
            if (c == ',' && !quoted && depth == 0)
            {
                string part = text.Substring(start, k - start).Trim();
                if (part.Length > 0) yield return part;
                start = k + 1;
            }
        }
    }
}

/// <summary>One argument or result: its type without alias marks, its name, its default as the schema writes it.</summary>
internal sealed class SchemaArgument
{
    private SchemaArgument(string type, bool optional, bool list, int fixedLength, bool writes, string name, string? defaultValue)
    {
        Type = type;
        IsOptional = optional;
        IsList = list;
        FixedLength = fixedLength;
        Writes = writes;
        Name = name;
        Default = defaultValue;
    }

    /// <summary>The element's type: <c>Tensor</c>, <c>int</c>, <c>Tensor?</c> for lists of optional tensors.</summary>
    public string Type { get; }

    public bool IsOptional { get; }

    public bool IsList { get; }

    /// <summary>The 2 of <c>int[2]</c>; 0 where the length is free.</summary>
    public int FixedLength { get; }

    /// <summary>The operator writes to it: <c>Tensor(a!)</c>.</summary>
    public bool Writes { get; }

    public string Name { get; }

    public string? Default { get; }

    public static SchemaArgument Parse(string text, bool named)
    {
        string? defaultValue = null;
        int equals = text.IndexOf('=');
        if (equals >= 0)
        {
            defaultValue = text.Substring(equals + 1).Trim();
            text = text.Substring(0, equals).Trim();
        }

        bool writes = text.IndexOf("!)", StringComparison.Ordinal) >= 0;
        int alias = text.IndexOf('(');
        if (alias >= 0) text = text.Remove(alias, text.IndexOf(')') - alias + 1);
        string name = "";
        int space = text.LastIndexOf(' ');
        if (space >= 0)
        {
            name = text.Substring(space + 1);
            text = text.Substring(0, space).Trim();
        }
        else if (named)
        {
            throw new FormatException($"the argument '{text}' has no name");
        }

        bool optional = text.EndsWith("?", StringComparison.Ordinal);
        if (optional) text = text.Substring(0, text.Length - 1);
        bool list = text.EndsWith("]", StringComparison.Ordinal);
        int length = 0;
        if (list)
        {
            int bracket = text.LastIndexOf('[');
            string inside = text.Substring(bracket + 1, text.Length - bracket - 2);
            if (inside.Length > 0) length = int.Parse(inside);
            text = text.Substring(0, bracket);
        }

        if (text == "SymInt") text = "int";
        return new SchemaArgument(text, optional, list, length, writes, name, defaultValue);
    }
}
