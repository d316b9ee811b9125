using Sconce.Catalogue;

namespace Sconce.Systems;

/// <summary>Every system, one line each. Nothing else outside a system's folder mentions it.</summary>
public static class Catalogue
{
    /// <summary>The systems, in alphabetical order.</summary>
    public static IReadOnlyList<NewsletterSystem> Systems { get; } =
    [
        new SelfSupervision.BarlowTwins.BarlowTwinsSystem(),
        new Multimodal.Clip.ClipSystem(),
        new Training.DataParallelism.DataParallelismSystem(),
        new Detection.Detr.DetrSystem(),
        new Classification.FcaNet.FcaNetSystem(),
        new Classification.FixRes.FixResSystem(),
        new Training.Frost.FrostSystem(),
        new Training.GradAug.GradAugSystem(),
        new Science.HumanError.HumanErrorSystem(),
        new Training.LabelSmoothing.LabelSmoothingSystem(),
        new Science.MedicalPerception.MedicalPerceptionSystem(),
        new Classification.MicroNet.MicroNetSystem(),
        new Classification.NFNets.NFNetsSystem(),
        new Multimodal.Perceiver.PerceiverSystem(),
        new Analysis.RankCollapse.RankCollapseSystem(),
        new Classification.RegNets.RegNetSystem(),
        new Training.ReLabel.ReLabelSystem(),
        new Classification.ResNeSt.ResNeStSystem(),
        new Classification.ResNets.ResNetSystem(),
        new SelfSupervision.Seer.SeerSystem(),
        new Classification.T2TVit.T2TVitSystem(),
        new Video.TimeSformer.TimeSformerSystem(),
        new Classification.Vit.VitSystem(),
    ];
}
