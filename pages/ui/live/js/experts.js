// Whose the experts are and who can hear them: a task's own in its colour, shared ones neutral, a gap between the groups.

// [{owner, first, count}]: neighbours of one owner; -1 is shared.
function expertGroups(view) {
  const groups = [];
  view.owners.forEach((owner, expert) => {
    const last = groups[groups.length - 1];
    if (last && last.owner === owner) last.count += 1;
    else groups.push({ owner, first: expert, count: 1 });
  });
  return groups;
}

function groupIndex(groups, expert) {
  return groups.findIndex(({ first, count }) => expert < first + count);
}

function ownerClass(owner) {
  return owner < 0 ? "" : ` task-${owner % 8}`;
}

function isHeard(view, task, expert) {
  return view.heard[task][expert];
}

// What a group is called: its task, or what its shared experts are called without their numbers.
function groupName(view, { owner, first }) {
  return owner < 0 ? view.experts[first].replace(/\s\d+$/, "") : view.tasks[owner].label;
}

// What an expert is called within its group.
function shortName(view, groups, expert) {
  const name = view.experts[expert];
  const group = `${groupName(view, groups[groupIndex(groups, expert)])} `;
  return name.startsWith(group) ? name.slice(group.length) : name;
}
