using System.Globalization;
using Sconce.Abilities;
using Sconce.Export;
using Sconce.Export.Web;
using Sconce.Networks;
using Sconce.Systems;
using Sconce.Systems.Detection.BrowserDetection;
using Sconce.Torch;
using Sconce.Training;

namespace Sconce.Bench.Vision;

/// <summary>
/// The exported page at 320 pixels in Debian's Chromium on one core, shown the fake camera: frames a second, and the first detection after
/// the page was opened. bench/peer/page.mjs drives it, with Node 20's or a later one's WebSocket.
/// </summary>
internal sealed class PageGroup : BenchGroup
{
    private const int Side = 320;

    internal override string Name => "page";

    internal override string About => "the browser page at 320 pixels in Chromium on one core: frames a second, the first detection";

    // It downloads ONNX Runtime Web the first time, and needs Node and Chromium.
    internal override bool ByDefault => false;

    internal override void Measure(BenchTable table)
    {
        BenchTable.Own(Name, "prepare", table.Folder);
        var found = Measured.Of("node", "--experimental-websocket", BenchTable.PeerFile("page.mjs"), table.File("page"));
        table.Figure("the browser page, 320 pixels, one core", Said("{0:0.0} frames a second", 1 / found.Seconds), "at least 8");
        table.Figure("the browser page, first detection after it was opened", Said("{0:0.0} s", found.Losses[0]), "under 3 s");
    }

    internal override Measured Work(string[] task) => task is ["prepare", var folder] ? Prepare(folder) : throw Unknown(task);

    private static Measured Prepare(string folder)
    {
        string runtime = WebRuntime.PullAsync().GetAwaiter().GetResult();
        TorchRuntime.ManualSeed(7);
        using var scope = new TensorScope();
        using var network = new CenterNetLite();
        // Statistics of pictures, or the numbers fade from block to block.
        BatchNormStatistics.Recompute(network, [() => network.Call(Tensor.Randn([2, 3, Side, Side]))]);
        network.Eval();
        var variant = Models.Registry.Get("centernet_lite");
        var reading = variant.Get<WebDetector>().Reading(Side);
        var function = variant.Exports(network, new PictureSize(Side, Side))[0];
        WebExport.Write(network, function, reading, variant.Name, ["object"], Path.Combine(folder, "page"), runtime);
        return new Measured { Seconds = 1e-9 };
    }

    private static string Said(string form, double value) => string.Format(CultureInfo.InvariantCulture, form, value);
}
