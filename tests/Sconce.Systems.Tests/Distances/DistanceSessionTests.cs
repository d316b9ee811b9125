using Sconce.Abilities;
using Sconce.Systems.Tools.Distances;
using Sconce.Tables;
using Xunit;

namespace Sconce.Systems.Tests.Distances;

public class DistanceSessionTests
{
    private static readonly Table Cities = new(
        "cities", [new("name", ["Berlin", "Paris", "Rome"]), new("lat", [52.52, 48.86, 41.9]), new("lon", [13.40, 2.35, 12.5])]);

    [Fact]
    public void The_nearest_of_each_row_is_told_in_kilometres()
    {
        using var session = new DistanceSession();
        var answer = session.Ask(TableFiles.Of(Cities), new DistanceSettings { Measure = MeasureKind.Haversine, Neighbours = 1 }).Table;
        Assert.Equal([2, 1, 2], answer["neighbour"].Numbers.ToArray());
        Assert.Equal(878, answer["distance"].Numbers[0], 2.0);
    }

    [Fact]
    public void Rows_that_share_too_few_columns_are_no_neighbours()
    {
        const double no = double.NaN;
        var table = new Table("marks", [new("a", [1, 2, no]), new("b", [1, 2, 9]), new("c", [1, no, 1]), new("d", [1, no, 1])]);
        using var session = new DistanceSession();
        var settings = new DistanceSettings { Measure = MeasureKind.Manhattan, Blanks = Maths.Distances.Blanks.Skip, Neighbours = 2 };
        Assert.Equal(6, session.Ask(TableFiles.Of(table), settings).Table.Rows);
        var few = session.Ask(TableFiles.Of(table), settings with { Shared = 2 }).Table; // rows 2 and 3 share one column
        Assert.Equal(4, few.Rows);
        var all = session.Ask(TableFiles.Of(table), settings with { Shared = 3, Neighbours = null }).Table;
        Assert.Equal([0, no, 8 / 0.75], all["1"].Numbers.ToArray());
        var fault = Assert.Throws<SettingsException>(() => session.Ask(TableFiles.Of(table), settings with { Shared = 5 }));
        Assert.Equal("shared", fault.Setting);
    }

    [Fact]
    public void Tables_are_written_and_read_back_as_csv_and_parquet()
    {
        using var session = new DistanceSession();
        var made = session.Ask(TableFiles.Of(Cities, Cities), new DistanceSettings { Standardise = true });
        Assert.Equal((3, 3), (made.Table.Rows, made.Table.Columns.Count));
        Assert.Equal(0, made.Table["2"].Numbers[1]);
        string folder = Directory.CreateTempSubdirectory("sconce-distances").FullName;
        try
        {
            foreach (string name in (string[])["d.csv", "d.parquet"])
            {
                string path = Path.Combine(folder, name);
                AnswerFiles.Write(made, null, path);
                Assert.Equal(made.Table["3"].Numbers.ToArray(), Table.Read(path)["3"].Numbers.ToArray());
            }
        }
        finally
        {
            Directory.Delete(folder, true);
        }
    }
}
