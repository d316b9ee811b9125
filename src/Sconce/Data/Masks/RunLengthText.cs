using System.Text;

namespace Sconce.Data;

/// <summary>
/// COCO's text of a run-length mask: each number (from the fourth on, its difference from the last but one) in groups of five bits, least
/// first, with a sixth bit that says that more follow; characters from '0' on. A number's last group ends in its sign.
/// cocodataset/cocoapi@8c9bcc3 common/maskApi.c <c>rleToString</c>, <c>rleFrString</c>.
/// </summary>
internal static class RunLengthText
{
    private const int Group = 5, More = 0x20, Sign = 0x10, Bits = 0x1f, First = '0', MostGroups = 7;

    internal static string Write(IReadOnlyList<int> runs)
    {
        var text = new StringBuilder(2 * runs.Count);
        for (int k = 0; k < runs.Count; k++)
        {
            long number = k > 2 ? runs[k] - (long)runs[k - 2] : runs[k];
            bool more = true;
            while (more)
            {
                int bits = (int)(number & Bits);
                number >>= Group;
                more = (bits & Sign) != 0 ? number != -1 : number != 0;
                text.Append((char)(First + (more ? bits | More : bits)));
            }
        }

        return text.ToString();
    }

    /// <exception cref="DataException">A character that does not belong, a text that ends within a number, or a run that is negative or
    /// larger than <paramref name="most"/>.</exception>
    internal static List<int> Read(string text, int most)
    {
        var runs = new List<int>();
        int place = 0;
        while (place < text.Length)
        {
            int start = place, groups = 0, bits;
            long number = 0;
            do
            {
                if (place == text.Length)
                    throw new DataException($"the text of its mask ends within its run {runs.Count + 1}, which begins at character "
                        + $"{start + 1}");
                bits = text[place++] - First;
                if (bits is < 0 or > (More | Bits))
                    throw new DataException($"the text of its mask has the character '{text[place - 1]}' at place {place}, which is none "
                        + $"of the 64 from '0' to 'o'");
                if (groups == MostGroups)
                    throw new DataException($"run {runs.Count + 1} of its mask, from character {start + 1}, is longer than any picture");
                number |= (long)(bits & Bits) << (Group * groups++);
            }
            while ((bits & More) != 0);
            if ((bits & Sign) != 0) number |= -1L << (Group * groups);
            if (runs.Count > 2) number += runs[^2];
            if (number < 0 || number > most)
                throw new DataException($"run {runs.Count + 1} of its mask has the length {number}: the picture has {most} pixels");
            runs.Add((int)number);
        }

        return runs;
    }
}
