using Sconce.Claims;
using Sconce.Systems.Tools.Graphs;
using Xunit;

namespace Sconce.Systems.Tests.Graphs;

[Collection(LiveTensors.Name)]
public class GraphsClaimTests
{
    private static Dictionary<string, List<double>> Accuracy(double gcn, double features, double factors) => new()
    {
        ["GCN"] = [gcn, gcn],
        ["features alone"] = [features, features],
        ["NetMF alone"] = [factors, factors],
    };

    [Fact]
    public void The_rule_asks_for_every_margin()
    {
        Assert.Equal(Verdict.Holds, GraphsClaim.Judge(Accuracy(0.74, 0.6, 0.45), [0.999, 0.998], [0.02, 0.03]).Verdict);
        Assert.Equal(Verdict.DoesNotHold, GraphsClaim.Judge(Accuracy(0.65, 0.6, 0.45), [0.999, 0.998], [0.02, 0.03]).Verdict);
        Assert.Equal(Verdict.DoesNotHold, GraphsClaim.Judge(Accuracy(0.74, 0.6, 0.65), [0.999, 0.998], [0.02, 0.03]).Verdict);
        Assert.Equal(Verdict.DoesNotHold, GraphsClaim.Judge(Accuracy(0.74, 0.6, 0.45), [0.9, 0.9], [0.02, 0.03]).Verdict);
        Assert.Equal(Verdict.DoesNotHold, GraphsClaim.Judge(Accuracy(0.74, 0.6, 0.45), [0.999, 0.998], [0.2, 0.2]).Verdict);
    }

    [Fact]
    public void One_seed_shows_what_is_claimed()
    {
        var result = new GraphsClaim().Run(new ClaimOptions(Seeds: 1), null, default);
        double Of(string arm, string metric) =>
            result.Rows.Single(row => row.Arm == arm && row.Metric.StartsWith(metric, StringComparison.Ordinal)).Mean;
        Assert.True(Of("random walks", "correlation") > 0.99, $"{Of("random walks", "correlation")}");
        Assert.True(Of("GCN", "accuracy") > Of("features alone", "accuracy"), string.Join(", ", result.Rows.Select(row => row.Mean)));
        Assert.True(Of("GCN", "accuracy") > Of("NetMF alone", "accuracy"), string.Join(", ", result.Rows.Select(row => row.Mean)));
    }
}
