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

    [Fact]
    public void No_line_stands_twice() => Assert.Empty(Lines().GroupBy(line => line[..line.IndexOf('(')]).Where(group => group.Count() > 1).Select(group => group.Key));

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
