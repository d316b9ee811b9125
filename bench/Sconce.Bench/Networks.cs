using Sconce.Networks;
using Sconce.Nn;
using Sconce.Systems;
using Sconce.Systems.Multimodal.Clip;
using Sconce.Torch;

namespace Sconce.Bench;

/// <summary>The networks that are timed, by the names that both sides use.</summary>
internal static class Networks
{
    internal static Module<Tensor, Tensor> Create(string name) => name == "clip_rn50_visual"
        ? new ClipResNet(new ClipResNetConfig(64, (3, 4, 6, 3)), 224, 1024)
        : Models.Create(name);

    internal static IEnumerable<long> InputShape(string name) =>
        name == "clip_rn50_visual" ? [3, 224, 224] : Models.Registry.Get(name).Get<TensorInput>().Shape;
}
