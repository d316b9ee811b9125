using Xunit;

namespace Sconce.Torch.Tests.Door;

public sealed class SchemaTests
{
    [Fact]
    public void Every_line_of_the_table_is_a_schema_of_the_loaded_libtorch()
    {
        Assert.SkipUnless(TorchRuntime.Version.StartsWith("1.13", StringComparison.Ordinal), "the table is that of libtorch 1.13");
        var loaded = TorchRuntime.Schemas().Select(Normalise).ToHashSet();
        string[] lines = Lines();
        Assert.True(lines.Length > 1200, $"{lines.Length} lines");
        Assert.Empty(lines.Where(line => !loaded.Contains(Normalise(line))));
    }

    /// <summary>What later versions dropped: <c>symeig</c> and one <c>frobenius_norm</c> are not in 2.6, <c>cholesky</c> and <c>qr</c> not
    /// in 2.14.</summary>
    private static readonly string[] Dropped = ["aten::symeig", "aten::frobenius_norm", "aten::cholesky", "aten::qr"];

    [Fact]
    public void Every_line_of_the_table_can_be_called_in_the_loaded_libtorch_or_was_dropped_by_it()
    {
        string[] lines = Lines();
        Assert.Equal(OperatorTable.Count, lines.Length);
        var lacking = new List<string>();
        for (int k = 0; k < lines.Length; k++)
        {
            string[] name = lines[k][..lines[k].IndexOf('(')].Split('.', 2);
            string overload = name.Length > 1 ? name[1] : "";
            if (Operator.Exists(name[0], overload)) Assert.NotNull(Operator.Find(name[0], overload, OperatorTable.ArgumentsOf(k)));
            else lacking.Add(name[0]);
        }

        Assert.Empty(lacking.Except(TorchRuntime.Version.StartsWith("1.13", StringComparison.Ordinal) ? [] : Dropped));
    }

    [Fact]
    public void What_a_newer_schema_has_besides_takes_its_default()
    {
        using var scope = new TensorScope();
        Tensor two = Tensor.From([2.0]), five = Tensor.From([5.0]);
        var known = Operator.Find("aten::sub", "Tensor", "self,other");
        Assert.Equal(-3.0, ((Tensor)known.Call(two, five)[0]!).Item<double>());
        Assert.Equal(3.0, ((Tensor)Operator.Find("aten::sub", "Tensor", "other,self").Call(two, five)[0]!).Item<double>());
        Assert.Equal(-8.0, ((Tensor)Operator.Find("aten::sub", "Tensor", "self,alpha,other").Call(two, 2L, five)[0]!).Item<double>());
        Assert.Equal(-3.0, ((Tensor)Operator.Find("aten::sub", "Tensor").Call(two, five)[0]!).Item<double>());
        Assert.Equal(5.0, Tensor.ForeachNorm([Tensor.From([3.0, 4.0])])[0].Item<double>());
        Assert.Equal(2, Tensor.From([1f, 0f, 2f]).ToSparse().ToDense().CountNonzero().Item<long>());
        Assert.Contains("1 argument where there are 2", Assert.Throws<TorchException>(() => known.Call(two)).Message);
    }

    [Fact]
    public void What_a_schema_asks_for_and_nobody_gives_is_refused_by_name()
    {
        using var scope = new TensorScope();
        var missing = Assert.Throws<TorchException>(() => Operator.Find("aten::sub", "Tensor", "self"));
        Assert.Contains("'other'", missing.Message);
        Assert.Contains("has no default", missing.Message);
        Assert.Contains(TorchRuntime.Version, missing.Message);
        Assert.Contains("aten::sub.Tensor(Tensor self", missing.Message);
        Assert.Contains("no argument 'dtype'",
            Assert.Throws<TorchException>(() => Operator.Find("aten::sub", "Tensor", "self,other,dtype")).Message);
    }

    [Fact]
    public void Too_few_and_too_many_arguments_are_refused()
    {
        using var scope = new TensorScope();
        var x = Tensor.Ones([1, 1, 3, 3]);
        Assert.Contains("'weight' is missing", Assert.Throws<TorchException>(() => Operator.Find("aten::conv2d").Call(x)).Message);
        Assert.Contains("'self' is missing", Assert.Throws<TorchException>(() => Operator.Find("aten::relu").Call()).Message);
        Assert.Contains("2 arguments where there are 1",
            Assert.Throws<TorchException>(() => Operator.Find("aten::relu").Call(x, x)).Message);
        Assert.Equal([1, 1, 3, 3], ((Tensor)Operator.Find("aten::conv2d").Call(x, Tensor.Ones([1, 1, 1, 1]))[0]!).Shape);
    }

    [Fact]
    public void A_list_with_a_hole_is_refused_with_its_place()
    {
        using var scope = new TensorScope();
        Assert.Contains("tensor 1 of a list of 2", Assert.Throws<TorchException>(() => Tensor.Cat([Tensor.Ones([2]), null!], 0)).Message);
        Assert.ThrowsAny<Exception>(() => Operator.Find("aten::cat").Call(new[] { Tensor.Ones([2]), null! }, 0L));
        Assert.ThrowsAny<Exception>(() => Tensor.Stack([null!]));
    }

    [Fact]
    public void No_line_stands_twice() =>
        Assert.Empty(Lines().GroupBy(line => line[..line.IndexOf('(')]).Where(group => group.Count() > 1).Select(group => group.Key));

    [Fact]
    public void An_operator_tells_its_schema()
    {
        var add = Operator.Find("aten::add", "Tensor");
        Assert.Equal("aten::add.Tensor(Tensor self, Tensor other, *, Scalar alpha=1) -> Tensor", add.Schema);
        Assert.Equal("aten::add.Tensor", add.ToString());
        Assert.True(Operator.Exists("aten::add", "Tensor"));
        Assert.False(Operator.Exists("aten::add", "Sum"));
    }

    [Fact]
    public void An_operator_that_this_libtorch_lacks_is_one_clear_error()
    {
        var error = Assert.Throws<TorchException>(() => Operator.Find("aten::no_such_thing", "out"));
        Assert.Contains("aten::no_such_thing.out", error.Message);
        Assert.Contains(TorchRuntime.Version, error.Message);
        Assert.Contains("SCONCE_LIBTORCH", error.Message);
        Assert.Equal("aten::no_such_thing", error.Operation);
    }

    /// <summary>libtorch from 1.13 to 2.x prints some sizes as SymInt, and takes integers there.</summary>
    private static string Normalise(string schema) => schema.Replace("SymInt", "int", StringComparison.Ordinal);

    private static string[] Lines()
    {
        using var reader = new StreamReader(typeof(SchemaTests).Assembly.GetManifestResourceStream("operators.txt")!);
        return [.. reader.ReadToEnd().Split('\n').Select(line => line.Trim()).Where(line => line.Length > 0 && line[0] != '#')];
    }
}
