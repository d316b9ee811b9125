using System.Numerics;
using Sconce.Torch;

namespace Sconce.Systems.Video.FaceVid2Vid;

/// <summary>The volume of the convex hull of a few points.</summary>
internal static class HullVolume
{
    /// <summary>Of <c>(1, K, 3)</c>; every triangle that has all points on one side is a face, so that few points are wanted.</summary>
    internal static double Of(Tensor points)
    {
        float[] numbers = points.To(Device.Cpu).Reshape([-1]).ToArray<float>();
        var all = new Vector3[numbers.Length / 3];
        for (int k = 0; k < all.Length; k++) all[k] = new(numbers[3 * k], numbers[(3 * k) + 1], numbers[(3 * k) + 2]);
        if (all.Length < 4) return 0;
        var middle = all.Aggregate((sum, point) => sum + point) / all.Length;
        double volume = 0;
        for (int a = 0; a < all.Length; a++)
        {
            for (int b = a + 1; b < all.Length; b++)
            {
                for (int c = b + 1; c < all.Length; c++) volume += Wedge(all, a, b, c, middle);
            }
        }

        return volume;
    }

    /// <summary>The pyramid from the middle to a face; 0 where the triangle is none.</summary>
    private static double Wedge(Vector3[] all, int a, int b, int c, Vector3 middle)
    {
        var normal = Vector3.Cross(all[b] - all[a], all[c] - all[a]);
        int sides = 0;
        for (int k = 0; k < all.Length; k++)
        {
            if (k == a || k == b || k == c) continue;
            sides |= Vector3.Dot(normal, all[k] - all[a]) > 0 ? 1 : 2;
        }

        return sides == 3 ? 0 : Math.Abs(Vector3.Dot(normal, middle - all[a])) / 6;
    }
}
