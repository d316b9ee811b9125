using System.Reflection;
using System.Text;
using Sconce.Torch;
using Xunit.v3;

[assembly: Sconce.Tests.Common.Seeded]

namespace Sconce.Tests.Common;

/// <summary>Seeds libtorch's generator by the test's name, so that a test asks the same numbers each time and alone.</summary>
[AttributeUsage(AttributeTargets.Assembly)]
internal sealed class SeededAttribute : BeforeAfterTestAttribute
{
    private const ulong OffsetBasis = 14695981039346656037, Prime = 1099511628211;   // FNV-1a, 64 bits

    /// <inheritdoc/>
    public override void Before(MethodInfo methodUnderTest, IXunitTest test)
    {
        ulong seed = OffsetBasis;
        foreach (byte one in Encoding.UTF8.GetBytes(test.TestDisplayName)) seed = unchecked((seed ^ one) * Prime);
        TorchRuntime.ManualSeed(seed);
    }
}
