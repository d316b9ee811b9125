using Parquet;
using Parquet.Schema;
using Sconce.Tables;
using Sconce.Torch;
using Xunit;

namespace Sconce.Tests.Tables;

public sealed class TableTests : IDisposable
{
    private readonly string path = Path.Combine(Path.GetTempPath(), $"sconce-table-{Guid.NewGuid():N}");

    public void Dispose() => File.Delete(path);

    private Table Csv(string text, TableOptions? options = null)
    {
        File.WriteAllText(path, text);
        return Table.Read(path, options);
    }

    [Theory]
    [InlineData("a,b\n1,x\n-2.5e3,\"y, z\"\n")]
    [InlineData("\uFEFFa;b\r\n1;x\r\n-2500;y, z\r\n")]
    [InlineData("a\tb\n1\tx\n\n-2500\ty, z")]
    public void Numbers_and_texts_are_told_apart_whatever_separates_them(string text)
    {
        var table = Csv(text);
        Assert.Equal([1, -2500], table["a"].Numbers.ToArray());
        Assert.Equal(["x", "y, z"], Enumerable.Range(0, 2).Select(table["b"].Text));
    }

    [Fact]
    public void Quoted_line_breaks_doubled_quotes_and_decimal_commas_are_read()
    {
        var table = Csv("name;price\n\"two\nlines\";1,5\n\"say \"\"hi\"\"\";-2,25\n");
        Assert.Equal(["two\nlines", "say \"hi\""], Enumerable.Range(0, 2).Select(table["name"].Text));
        Assert.Equal([1.5, -2.25], table["price"].Numbers.ToArray());
    }

    [Fact]
    public void Only_blanks_are_missing_zero_is_not_and_NA_is_one_only_among_numbers()
    {
        var table = Csv("n,country\n0,NA\n,DE\nNA,\n");
        Assert.Equal([0, double.NaN, double.NaN], table["n"].Numbers.ToArray());
        Assert.Equal(["NA", "DE", null], Enumerable.Range(0, 3).Select(table["country"].Text));
    }

    [Fact]
    public void A_column_can_be_kept_as_text() =>
        Assert.Equal("01067", Csv("zip\n01067\n", new TableOptions { TextColumns = ["zip"] })["zip"].Text(0));

    [Theory]
    [InlineData("", "empty")]
    [InlineData("a,b\n", "no rows")]
    [InlineData("a,b\n1,2\n3\n", "line 3")]
    [InlineData("a,a\n1,2\n", "two columns")]
    [InlineData("a,b\n1,\"open\n", "quote")]
    public void A_damaged_file_is_refused_with_its_name(string text, string fault)
    {
        var error = Assert.Throws<TableException>(() => Csv(text));
        Assert.Contains(path, error.Message, StringComparison.Ordinal);
        Assert.Contains(fault, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Too_many_columns_missing_files_other_encodings_and_wrong_names_are_refused()
    {
        Assert.Contains("1000000", Assert.Throws<TableException>(() => Csv(string.Join(',', Enumerable.Range(0, 1_000_000)) + "\n"))
            .Message, StringComparison.Ordinal);
        Assert.Contains("price", Assert.Throws<TableException>(() => Csv("price\n1\n")["prize"]).Message, StringComparison.Ordinal);
        File.WriteAllBytes(path, [(byte)'a', (byte)'\n', 0xE4, (byte)'\n']);
        Assert.Contains("UTF-8", Assert.Throws<TableException>(() => Table.Read(path)).Message, StringComparison.Ordinal);
        Assert.Throws<TableException>(() => Table.Read(path + ".none"));
    }

    [Fact]
    public async Task Parquet_gives_the_same_columns_as_CSV_and_a_cut_file_is_refused()
    {
        var cancellation = TestContext.Current.CancellationToken;
        var schema = new ParquetSchema(new DataField<double>("x"), new DataField<int?>("n"), new DataField<string>("s"),
            new DataField<bool>("b"));
        var fields = schema.GetDataFields();
        using (var stream = File.Create(path))
        {
            await using var writer = await ParquetWriter.CreateAsync(schema, stream, cancellationToken: cancellation);
            using var group = writer.CreateRowGroup();
            await group.WriteAsync<double>(fields[0], new double[] { 0.5, -1 }, cancellationToken: cancellation);
            await group.WriteAsync<int>(fields[1], new int?[] { 7, null }, cancellationToken: cancellation);
            await group.WriteAsync(fields[2], (IReadOnlyCollection<string>)["a", ""]);
            await group.WriteAsync<bool>(fields[3], new[] { true, false }, cancellationToken: cancellation);
        }

        var table = Table.Read(path, cancellation: cancellation);
        Assert.Equal([0.5, -1], table["x"].Numbers.ToArray());
        Assert.Equal([7, double.NaN], table["n"].Numbers.ToArray());
        Assert.Equal(["a", null], Enumerable.Range(0, 2).Select(table["s"].Text));
        Assert.Equal([1, 0], table["b"].Numbers.ToArray());
        byte[] whole = await File.ReadAllBytesAsync(path, cancellation);
        await File.WriteAllBytesAsync(path, whole[..(whole.Length / 2)], cancellation);
        Assert.Contains(path, Assert.Throws<TableException>(() => Table.Read(path, cancellation: cancellation)).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void One_preparation_serves_trees_and_networks_and_counts_what_training_did_not_see()
    {
        using var scope = new TensorScope();
        var training = Csv("n,kind,y\n1,a,0\n3,a,1\n,b,0\n5,c,1\n3,a,0\n");
        var preparation = TablePreparation.Learn(training, ["n", "kind"], mostKinds: 2);
        Assert.Equal(["a"], preparation.Columns[1].Kinds);
        var fresh = Csv("kind,extra,n\nc,9,3\nnew,9,\n,9,7\n", new TableOptions { TextColumns = preparation.TextColumns });
        var features = preparation.Features(fresh, out var notes);
        Assert.Equal([3, double.NaN, 7], features.Columns[0].Values);
        Assert.Equal([1, -1, double.NaN], features.Columns[1].Values);
        Assert.Equal([new PreparationNote("kind", 1, 1)], notes);
        var input = preparation.Input(fresh, out _);
        Assert.Equal([3, 4], input.Shape.ToArray()); // n, whether it is blank, a, the rest
        Assert.Equal([0, 1, 0, 0], input[1].ToArray<float>());
        Assert.Equal([0, 0, 0, 1], input[0].ToArray<float>());
        Assert.True(input.Isfinite().All().Item<bool>());
    }

    [Fact]
    public void Another_type_a_missing_column_and_targets_that_are_none_are_refused()
    {
        var training = Csv("n,y,one,blank\n1,a,5,\n2,b,5,\n");
        var preparation = TablePreparation.Learn(training, ["n"]);
        Assert.Contains("'two'", Assert.Throws<TableException>(() => preparation.Features(Csv("n\n1\ntwo\n"), out _)).Message,
            StringComparison.Ordinal);
        Assert.Contains("'n'", Assert.Throws<TableException>(() => preparation.Features(Csv("m\n1\n"), out _)).Message,
            StringComparison.Ordinal);
        Assert.Throws<TableException>(() => TableTarget.Learn(training, "one"));
        Assert.Throws<TableException>(() => TableTarget.Learn(training, "blank"));
        Assert.Throws<TableException>(() => TablePreparation.Learn(training, ["blank"]));
        var target = TableTarget.Learn(training, "y");
        Assert.Equal([0, 1], target.Values(training));
        Assert.Contains("'c'", Assert.Throws<TableException>(() => target.Values(Csv("y\nc\n"))).Message, StringComparison.Ordinal);
    }
}
