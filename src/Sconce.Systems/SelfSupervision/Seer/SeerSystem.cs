using Sconce.Abilities;
using Sconce.Catalogue;
using Sconce.Claims;
using Sconce.Imaging;
using Sconce.Networks;
using Sconce.Nn.Backbones;
using Sconce.Training;

namespace Sconce.Systems.SelfSupervision.Seer;

/// <summary>SEER's card: SwAV's networks and SEER's.</summary>
public sealed class SeerSystem : CatalogueSystem
{
    private const string Unverified = "neither the file nor the figure could be verified here";
    private const string ModelZoo = "https://dl.fbaipublicfiles.com/vissl/model_zoo/";

    /// <inheritdoc/>
    public override SystemCard Card { get; } = new(
        "seer",
        "SEER",
        "2021-W09",
        SystemTask.SelfSupervision,
        new Paper("Self-supervised Pretraining of Visual Features in the Wild", "Goyal, Caron, Lefaudeux, Xu, Wang, Pai, Singh, "
            + "Liptchinsky, Misra, Joulin, Bojanowski", 2021, "2103.01988", "facebookresearch/vissl@09270ed"),
        "Learns picture features from unfiltered pictures without labels: views predict each other's place among prototypes that must all "
            + "be used alike (SwAV).");

    /// <inheritdoc/>
    public override IReadOnlyList<ModelVariant> Variants { get; } =
    [
        Swav("swav_resnet50", 1, 2048, 28_354_752, ("swav_800ep_pretrain", "800 epochs, batch 4,096, 2x224 "
            + "+ 6x96: 75.3"), ("swav_400ep_pretrain", "400 epochs: 74.6"), ("swav_200ep_pretrain", "200 epochs: 73.9"),
            ("swav_100ep_pretrain", "100 epochs: 72.1"), ("swav_200ep_bs256_pretrain", "200 epochs, batch 256 with a queue: 72.7"),
            ("swav_400ep_bs256_pretrain", "400 epochs, batch 256 with a queue: 74.3"),
            ("swav_400ep_2x224_pretrain", "400 epochs, 2x224 only: 70.1")),
        Swav("swav_resnet50w2", 2, 8192, 128_918_784, ("swav_RN50w2_400ep_pretrain", "400 epochs, 2x224 + 4x96: 77.3")),
        Swav("swav_resnet50w4", 4, 8192, 443_944_320, ("swav_RN50w4_400ep_pretrain", "400 epochs, 2x224 + 4x96: 77.9")),
        Swav("swav_resnet50w5", 5, 8192, 671_793_600,
            ("swav_RN50w5_400ep_pretrain", "400 epochs; its script is not published, the projection's width of 8,192 is w4's: 78.5")),
        Seer("seer_regnet_y_32gf", new RegNetDesign(20, 232, 115.89, 2.53, 232),
            new SeerHeadConfig([3712, 4096, 4096, 256], [16000]) { UseBatchNorm = true }, 178_484_746,
            "seer_regnet32d/seer_regnet32gf_model_iteration244000.torch", "83.4"),
        Seer("seer_regnet_y_64gf", RegNetDesign.Y64, new SeerHeadConfig([4920, 8192, 8192, 256], [16000]), 390_081_082,
            "seer_regnet64/seer_regnet64gf_model_final_checkpoint_phase0.torch", "84.0"),
        Seer("seer_regnet_y_128gf", RegNetDesign.Y128, new SeerHeadConfig([7392, 8192, 8192, 256], [16000]), 771_293_814,
            "swav_ig1b_regnet128Gf_cnstant_bs32_node16_sinkhorn10_proto16k_syncBN64_warmup8k/model_final_checkpoint_phase0.torch", "84.5"),
        Seer("seer_regnet_y_256gf", RegNetDesign.Y256, new SeerHeadConfig([10444, 8192, 8192, 256], [16000]), 1_431_032_042,
            "swav_ig1b_cosine_rg256gf_noBNhead_wd1e5_fairstore_bs16_node64_sinkhorn10_proto16k_apex_syncBN64_warmup8k"
            + "/model_final_checkpoint_phase0.torch", "85.2"),
    ];

    /// <inheritdoc/>
    public override IReadOnlyList<TrainingMethod> Methods { get; } = [SwavMethod.Swav, SwavMethod.Seer];

    /// <inheritdoc/>
    public override Claim Claim { get; } = new SeerClaim();

    private static ModelVariant Swav(string name, int widen, int hidden, long parameters, params (string File, string Note)[] weights) =>
        new(name, $"ResNet-50{(widen > 1 ? $" of {widen} times the width" : "")} with SwAV's head, 128 numbers and 3,000 prototypes",
            _ => new SwavResNet(new SwavResNetConfig { Widen = widen, HiddenMlp = hidden }))
        {
            Capabilities = [TensorInput.Pictures(224), new TakesPictures(ImagePreprocessing.ImageNet(224))],
            Parameters = parameters,
            Weights =
            [
                .. weights.Select(weight => new OfficialWeights(
                    new Uri($"https://dl.fbaipublicfiles.com/deepcluster/{weight.File}.pth.tar"), Licence: "CC BY-NC 4.0",
                    Note: $"{weight.Note} top-1 with a linear probe published; {Unverified}")),
            ],
        };

    private static ModelVariant Seer(string name, RegNetDesign design, SeerHeadConfig head, long parameters, string file,
        string accuracy) =>
        new(name, $"RegNetY with SEER's head {string.Join("-", head.Dims)} and 16,000 prototypes",
            _ => new SeerNetwork(new RegNetConfig(design.Stages()) { SqueezeRatio = 0.25 }, head))
        {
            Capabilities = [TensorInput.Pictures(224), new TakesPictures(ImagePreprocessing.ImageNet(224))],
            Parameters = parameters,
            Load = static (module, path) => ((SeerNetwork)module).LoadVissl(path),
            Weights = [new OfficialWeights(new Uri(ModelZoo + file), Licence: "Meta's SEER licence (research only)",
                Note: $"a billion unfiltered pictures; {accuracy} top-1 after fine-tuning at 384 px published; {Unverified}")],
        };
}
