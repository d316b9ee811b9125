using Sconce.Bench.Basics;

namespace Sconce.Bench.Serving;

/// <summary>
/// A served network under load, against an endpoint of ASP.NET that was written by hand over ONNX Runtime; what the server costs over its
/// session; how soon its first page is usable.
/// </summary>
internal sealed class ServingGroup : BenchGroup
{
    private const string Large = "resnet50", Small = "micronet_m0";
    private const int Clients = 16, Questions = 8;

    internal override string Name => "serving";

    internal override string About => "requests a second of a served ResNet-50, against ASP.NET over ONNX Runtime; the server's own cost; its page";

    internal override void Measure(BenchTable table)
    {
        BenchTable.Own(Name, "prepare", Large, table.Folder);
        Loads(table, "tensors (KServe v2)", "tensors");
        if (LoaderGroup.Photographs() is not null) Loads(table, "photographs", "photographs");
        BenchTable.Own(Name, "prepare", Small, table.Folder);
        foreach (string kind in (string[])["tensors", "photographs"])
        {
            if (kind == "photographs" && LoaderGroup.Photographs() is null) continue;
            var own = Enumerable.Range(0, 3).Select(_ => BenchTable.Own(Name, "overhead", kind, table.Folder))
                .OrderBy(run => run.Seconds).ElementAt(1);
            table.Figure($"server over the session itself, {Small}, {kind}, median", BenchTable.Time(own.Seconds), "< 1 ms", own);
        }

        if (PageTime.Browser is null) return;
        var page = BenchTable.Own(Name, "page", table.Folder);
        table.Figure("first page usable in Chromium, empty cache", BenchTable.Time(page.Seconds), "< 1 s");
        table.Figure("first page, bytes over the wire", $"{page.Losses[0] / 1000:0} kB", "< 300 kB");
    }

    internal override Measured Work(string[] task) => task switch
    {
        ["prepare", var network, var folder] => ServingFiles.Prepare(network, Questions, folder),
        ["serve", var side, var kind, var network, var folder] => ServedSides.Run(side, kind, network, folder),
        ["load", var side, var kind, var folder] => ClosedLoad.Run(side, kind, Large, folder, Clients, Questions),
        ["overhead", var kind, var folder] => ServerCost.Run(kind, Small, folder, Questions),
        ["page", var folder] => PageTime.Run(Small, folder),
        _ => throw Unknown(task),
    };

    /// <summary>Requests a second and the slowest in a hundred, of the same runs.</summary>
    private void Loads(BenchTable table, string what, string kind)
    {
        List<Measured> ours = [], theirs = [];
        Measured Kept(List<Measured> runs, string side)
        {
            runs.Add(BenchTable.Own(Name, "load", side, kind, table.Folder));
            return runs[^1];
        }

        string title = $"served {Large}, {Clients} clients, {what}, against ASP.NET over ONNX Runtime";
        table.Row(title + ": a request", () => Kept(ours, "sconce"), () => Kept(theirs, "onnx"), 1.2);
        int own = 0, other = 0;
        table.Row(title + ": the 99th of 100 waits", () => Late(ours[own++]), () => Late(theirs[other++]), 1);
    }

    private static Measured Late(Measured run) => run with { Seconds = run.P99 };
}
