using Sconce.Abilities;
using Sconce.Export;
using Sconce.Imaging;
using Sconce.Networks;
using Sconce.Nn;
using Sconce.Nn.Backbones;
using Sconce.Torch;

namespace Sconce.Systems.Detection.Detr;

/// <summary>The published networks under the names of hubconf.py; facebookresearch/detr@29901c51 hubconf.py, README.md.</summary>
public static class DetrVariants
{
    private const int CocoClasses = 91, PanopticClasses = 250, CountedHeight = 800, CountedWidth = 1066;
    private const int ExportedHeight = 480, ExportedWidth = 640, ScoredSide = 512;

    /// <summary>All of them.</summary>
    public static IReadOnlyList<ModelVariant> All { get; } =
    [
        Detector("detr_resnet50", ResNetConfiguration.ResNet50, false, 41_524_768, "detr-r50-e632da11", "42.0"),
        Detector("detr_resnet50_dc5", ResNetConfiguration.ResNet50, true, 41_524_768, "detr-r50-dc5-f0fb7ef5", "43.3"),
        Detector("detr_resnet101", ResNetConfiguration.ResNet101, false, 60_464_672, "detr-r101-2c7b67e5", "43.5"),
        Detector("detr_resnet101_dc5", ResNetConfiguration.ResNet101, true, 60_464_672, "detr-r101-dc5-a2e86def", "44.9"),
        Panoptic("detr_resnet50_panoptic", ResNetConfiguration.ResNet50, false, 42_899_288, "detr-r50-panoptic-00ce5173", "43.4"),
        Panoptic("detr_resnet50_dc5_panoptic", ResNetConfiguration.ResNet50, true, 42_899_288, "detr-r50-dc5-panoptic-da08f1b1", "44.6"),
        Panoptic("detr_resnet101_panoptic", ResNetConfiguration.ResNet101, false, 61_839_192, "detr-r101-panoptic-40021d53", "45.1"),
    ];

    private static ModelVariant Detector(string name, ResNetConfiguration trunk, bool dilation, long parameters, string file,
        string precision)
    {
        var config = new DetrConfig { Trunk = trunk, Dilation = dilation };
        return Variant(name, $"boxes of COCO's 80 objects{(dilation ? ", maps of stride 16" : "")}", parameters, CocoClasses, file,
            $"box AP {precision} on COCO val2017 published", options => new DetrModel(Adapted(config, options)));
    }

    private static ModelVariant Panoptic(string name, ResNetConfiguration trunk, bool dilation, long parameters,
        string file, string quality)
    {
        var config = new DetrConfig { Trunk = trunk, Dilation = dilation, Classes = PanopticClasses };
        return Variant(name, $"a mask for each of COCO's objects and kinds of stuff{(dilation ? ", maps of stride 16" : "")}", parameters,
            PanopticClasses, file, $"PQ {quality} on COCO val2017 published", options => new DetrSegmentation(Adapted(config, options)));
    }

    private static DetrConfig Adapted(DetrConfig config, ModelOptions options) => config with
    {
        Classes = options.Classes ?? config.Classes,
        Transformer = options.Dropout is { } rate ? config.Transformer with { Dropout = rate } : config.Transformer,
    };

    private static Tensor Scores(Module network, Tensor pictures)
    {
        var mean = Tensor.From(ImagePreprocessing.ImageNetMean.ToArray(), [3, 1, 1]).To(pictures.Device);
        var deviation = Tensor.From(ImagePreprocessing.ImageNetStd.ToArray(), [3, 1, 1]).To(pictures.Device);
        var output = ((Module<PaddedImages, DetrOutput>)network).Call(new PaddedImages((pictures - mean) / deviation));
        return output.Logits[.., .., ..^1]; // without «nothing»
    }

    private static ModelVariant Variant(string name, string description, long parameters, int classes, string file, string figure,
        Func<ModelOptions, Module<PaddedImages, DetrOutput>> create) => new(name, description, create)
        {
            Capabilities =
            [
                new TensorInput(3, CountedHeight, CountedWidth),
                classes == PanopticClasses
                    ? new DetrDetector(classes, "detr.class_embed", GivesMasks: true)
                    : new DetrDetector(classes, "class_embed", GivesMasks: false),
                new PictureScores(ScoredSide, Scores),
                new Exercise(static (module, batch) =>
                {
                    using var scope = new TensorScope();
                    var pictures = Tensor.Randn([batch, 3, CountedHeight, CountedWidth]);
                    ((Module<PaddedImages, DetrOutput>)module).Call(new PaddedImages(pictures));
                }),
                new Exportable(
                    static module =>
                        [Export((Module<PaddedImages, DetrOutput>)module, new PictureSize(ExportedHeight, ExportedWidth))],
                    static (module, size) => [Export((Module<PaddedImages, DetrOutput>)module, size)]),
            ],
            Parameters = parameters,
            Weights = [new OfficialWeights(new Uri($"https://dl.fbaipublicfiles.com/detr/{file}.pth"), file[^8..], "Apache-2.0",
            figure + "; neither the file nor the figure could be verified here")],
        };

    /// <summary>Pictures of one size, normalised and without padding, to logits and boxes (and masks).</summary>
    private static ExportFunction Export(Module<PaddedImages, DetrOutput> network, PictureSize size)
    {
        string[] outputs = network is DetrSegmentation ? ["logits", "boxes", "masks"] : ["logits", "boxes"];
        return new ExportFunction("", [ExportInput.Noise("images", 3, size.Height, size.Width)], outputs, inputs =>
        {
            var output = network.Call(new PaddedImages(inputs[0]));
            return output.Masks is { } masks ? [output.Logits, output.Boxes, masks] : [output.Logits, output.Boxes];
        });
    }
}
