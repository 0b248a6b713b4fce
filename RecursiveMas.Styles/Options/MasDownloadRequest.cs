using System.Text;

namespace RecursiveMas;

/// <summary>What is about to be downloaded for a system.</summary>
/// <param name="System">The system, with the licences of its repositories.</param>
/// <param name="Plan">The repositories, their files, and what of them is missing.</param>
/// <param name="Memory">The memory that the system will take, as the headers of its files tell.</param>
/// <param name="Folder">The cache folder.</param>
public sealed record MasDownloadRequest(ReleasedSystem System, HubPlan Plan, MasMemoryEstimate Memory, string Folder)
{
    /// <summary>A few lines for people: sizes, memory, and each repository with its licences.</summary>
    public override string ToString()
    {
        var text = new StringBuilder();
        text.Append(
            $"'{System.Name}' needs {ByteText.Of(Plan.MissingBytes - Plan.ArrivedBytes)} more of {ByteText.Of(Plan.Bytes)}, " +
            $"and will take about {ByteText.Of(Memory.Peak)} of memory:");
        foreach (HubPlannedRepository repository in Plan.Repositories)
            text.Append(
                $"\n  {repository.Listing.Repository}: {ByteText.Of(repository.MissingBytes - repository.ArrivedBytes)} of {ByteText.Of(repository.Bytes)}. " +
                $"Licence: {System.LicenceOf(repository.Listing.Repository)}");
        return text.Append($"\nIt goes to {Folder}").ToString();
    }
}
